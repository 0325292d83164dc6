/** Takes the port, or says in a sentence why it cannot be had. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, type Environment } from './environment.ts';

const sentences: Readonly<Record<string, (at: Pick<Environment, 'HOST' | 'PORT'>) => string>> = {
  EADDRINUSE: ({ PORT }) => `Port ${PORT} is in use. Set PORT to another one.`,
  EACCES: ({ PORT }) => `This user may not listen on port ${PORT}. Set PORT to one above 1023.`,
  EADDRNOTAVAIL: ({ HOST }) => `${HOST} is no address of this machine. Set HOST to one, or leave it out.`,
  ENOTFOUND: ({ HOST }) => `${HOST} is no address of this machine. Set HOST to one, or leave it out.`,
};

/** Resolves with the port: the one that the system chose where PORT is 0. Throws ConfigError. */
export async function listen(server: Server, at: Pick<Environment, 'HOST' | 'PORT'>): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const sentence = sentences[error.code ?? '']?.(at);
      reject(sentence ? new ConfigError([sentence]) : error);
    });
    server.listen(at.PORT, at.HOST, resolve);
  });
  return (server.address() as AddressInfo).port;
}
