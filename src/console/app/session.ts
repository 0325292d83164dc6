import { createContext, useContext } from 'react';
import type { Me } from '../../api/contract.ts';

export const MeContext = createContext<Me | undefined>(undefined);

/** The agent who is signed in. Only below `Shell`, which waits for it. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe stands outside of the shell');
  return me;
}
