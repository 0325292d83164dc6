import { useTranslation } from 'react-i18next';
import { useCustomerTyping } from './use-typing.ts';

export function CustomerTyping({ conversation, written }: { conversation: string; written: string | undefined }) {
  const { t } = useTranslation();
  const name = useCustomerTyping(conversation, written);
  return (
    <p className="typing" role="status">
      {name !== undefined && t('composer.typing', { name: name || t('contact.unnamed') })}
    </p>
  );
}
