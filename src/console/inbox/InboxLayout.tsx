import { Outlet, useParams } from '@tanstack/react-router';
import { ConversationList } from './ConversationList.tsx';

/** The list beside what is open; on a phone one or the other. */
export function InboxLayout() {
  const { id } = useParams({ strict: false });
  return (
    <div className="mail" data-open={id ? true : undefined}>
      <ConversationList open={id} />
      <Outlet />
    </div>
  );
}
