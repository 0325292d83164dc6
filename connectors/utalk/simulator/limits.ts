/** 100 requests in five seconds on each route. */
import type { RequestHandler } from 'express';
import { Refusal } from './refusal.ts';

const most = 100;
const perMs = 5000;

/** A path without its ids: members of a path that uTalk's pages name stay as they are. */
const routeOf = (method: string, path: string): string =>
  `${method} ${path.replace(/\/(chats|messages|contacts)\/(?!phone|simplified|start-bot)[^/]+/, '/$1/{id}')}`;

export function limits(now: () => number): RequestHandler {
  const seen = new Map<string, number[]>();
  return (request, _response, next) => {
    const route = routeOf(request.method, request.path);
    const recent = (seen.get(route) ?? []).filter((at) => at > now() - perMs);
    if (recent.length >= most) throw new Refusal(429, 'Too many requests');
    seen.set(route, [...recent, now()]);
    next();
  };
}
