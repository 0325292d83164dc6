/** Logs are JSON lines on standard output. Secrets cannot get in: they are `Secret`s, and credentials by name are cut out as a second net. */
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Environment } from '../config/environment.ts';

const censored = ['authorization', 'cookie', 'password', 'token', 'secret', 'apiKey', 'set-cookie', 'qr'];

/** Standard output unless another `destination` is given. */
export function createLog(environment: Pick<Environment, 'LOG_LEVEL'>, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level: environment.LOG_LEVEL,
    base: null,
    redact: { paths: censored.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]), censor: '[secret]' },
    serializers: { err: errorShape, error: errorShape },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** An axios error carries the whole request; only what explains the failure is kept. */
function errorShape(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, field, status } = error as { code?: unknown; field?: unknown; status?: unknown };
  return { name: error.name, message: error.message, code, field, status, stack: error.stack };
}
