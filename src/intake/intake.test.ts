import { afterAll, beforeAll, describe } from 'vitest';
import { describeIntake } from '../../test/contract/intake.ts';
import { describeIntakeBursts } from '../../test/contract/intake-bursts.ts';
import { describeEnriching } from '../../test/contract/intake-enriching.ts';
import { describeIntakeEvents } from '../../test/contract/intake-events.ts';
import { type Postgres, postgresMissing, postgresTestStore, postgresTitle, startPostgres } from '../../test/support/postgres.ts';
import { sqliteTestStore } from '../../test/support/store.ts';

describeIntake('SQLite', sqliteTestStore);
describeIntakeEvents('SQLite', sqliteTestStore);
describeIntakeBursts('SQLite', sqliteTestStore);
describeEnriching('SQLite', sqliteTestStore);

describe.skipIf(postgresMissing())(postgresTitle, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describeIntake('PostgreSQL', () => postgresTestStore(postgres));
  describeIntakeEvents('PostgreSQL', () => postgresTestStore(postgres));
  describeIntakeBursts('PostgreSQL', () => postgresTestStore(postgres));
  describeEnriching('PostgreSQL', () => postgresTestStore(postgres));
});
