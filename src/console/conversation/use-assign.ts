import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AgentBrief, ConversationDetail } from '../../api/contract.ts';
import { call } from '../api/client.ts';
import { conversationQuery } from '../api/queries.ts';
import { useMe } from '../app/session.ts';
import { tellProblem } from '../parts/problem-text.ts';

/** Shown at once; taken back when the server refuses. */
export function useAssign(conversation: ConversationDetail) {
  const me = useMe();
  const client = useQueryClient();
  const { queryKey } = conversationQuery(conversation.id);
  const assign = useMutation({
    mutationFn: (agent: AgentBrief | null) => call('PUT', `/conversations/${conversation.id}/assignee`, { body: { agent: agent?.id ?? null } }),
    onMutate: (agent) => {
      const before = client.getQueryData(queryKey);
      client.setQueryData(queryKey, (old) => old && { ...old, assignee: agent });
      return { before };
    },
    onError: (error, _agent, context) => {
      client.setQueryData(queryKey, context?.before);
      tellProblem(error);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey });
      void client.invalidateQueries({ queryKey: ['conversations'] });
    },
  });
  return {
    to: (agent: AgentBrief | null) => assign.mutate(agent),
    toMe: () => {
      if (conversation.assignee?.id !== me.id) assign.mutate({ id: me.id, name: me.name, email: me.email });
    },
  };
}
