/** Who did it, for the audit. */
import type { AuditEntry } from '../store/audit.ts';
import type { Viewer } from './viewer.ts';

export const actorOf = (viewer: Viewer): AuditEntry['actor'] => ({ kind: viewer.by === 'token' ? 'token' : 'agent', id: viewer.id });
