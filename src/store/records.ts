/** The `Records` port of one configured connector, on the records and counters tables. */
import { sql } from 'kysely';
import type { Json, Records } from '../kit/index.ts';
import type { Store } from './store.ts';

const defaultLimit = 100;

export function createRecords(store: Store, owner: string): Records {
  const parse = <T extends Json>(text: string): T => JSON.parse(text) as T;
  return {
    async get<T extends Json>(collection: string, key: string) {
      const row = await store.read
        .selectFrom('records')
        .select('value')
        .where('owner', '=', owner)
        .where('collection', '=', collection)
        .where('key', '=', key)
        .executeTakeFirst();
      return row && parse<T>(row.value);
    },

    async list<T extends Json>(collection: string, query: { index?: string; after?: string; limit?: number } = {}) {
      let rows = store.read.selectFrom('records').select(['key', 'sort', 'value']).where('owner', '=', owner).where('collection', '=', collection);
      if (query.index !== undefined) rows = rows.where('index_key', '=', query.index);
      if (query.after !== undefined) rows = rows.where('sort', '<', query.after);
      const found = await rows
        .orderBy('sort', 'desc')
        .limit(query.limit ?? defaultLimit)
        .execute();
      return found.map(({ key, sort, value }) => ({ key, sort, value: parse<T>(value) }));
    },

    async insert(collection, key, value, place = {}) {
      return store.write(async (tx) => {
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('records')
          .values({ owner, collection, key, index_key: place.index ?? '', sort: place.sort ?? key, value: JSON.stringify(value) })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      });
    },

    async update<T extends Json>(collection: string, key: string, change: (value: T) => T, place: { index?: string; sort?: string } = {}) {
      return store.write(async (tx) => {
        const one = tx.selectFrom('records').select('value').where('owner', '=', owner).where('collection', '=', collection).where('key', '=', key);
        const row = await (store.engine === 'postgres' ? one.forUpdate() : one).executeTakeFirst();
        if (!row) return undefined;
        const value = change(parse<T>(row.value));
        await tx
          .updateTable('records')
          .set({
            value: JSON.stringify(value),
            ...(place.index === undefined ? {} : { index_key: place.index }),
            ...(place.sort === undefined ? {} : { sort: place.sort }),
          })
          .where('owner', '=', owner)
          .where('collection', '=', collection)
          .where('key', '=', key)
          .execute();
        return value;
      });
    },

    async delete(collection, key) {
      return store.write(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('records')
          .where('owner', '=', owner)
          .where('collection', '=', collection)
          .where('key', '=', key)
          .executeTakeFirst();
        return numDeletedRows === 1n;
      });
    },

    async next(counter) {
      return store.write(async (tx) => {
        const { value } = await tx
          .insertInto('counters')
          .values({ owner, name: counter, value: 1 })
          .onConflict((conflict) => conflict.columns(['owner', 'name']).doUpdateSet({ value: sql<number>`counters.value + 1` }))
          .returning('value')
          .executeTakeFirstOrThrow();
        return value;
      });
    },
  };
}
