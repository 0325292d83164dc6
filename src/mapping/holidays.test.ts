import Holidays from 'date-holidays';
import { describe, expect, it } from 'vitest';
import { namedInData } from './holidays.ts';

const library = new Holidays();
const keys = (list: object | undefined): string[] => Object.keys(list ?? {});

describe('places that are looked up in the data alone', () => {
  it('are known to the library too, and almost all that it knows are found', () => {
    const countries = keys(library.getCountries());
    const states = countries.flatMap((country) => keys(library.getStates(country)).map((state) => `${country}-${state}`));
    const regions = states.flatMap((place) => {
      const [country = '', state = ''] = place.split('-');
      return keys(library.getRegions(country, state)).map((region) => `${place}-${region}`);
    });
    const all = [...countries, ...states, ...regions];
    const found = all.filter(namedInData);
    expect(found.length).toBeGreaterThan(all.length * 0.9);
    expect(found).toEqual(expect.arrayContaining(['BR', 'BR-SP', 'BR-SP-SP', 'DE-BY', 'IT']));
  }, 60_000);

  it.each(['', 'XX', 'br', 'BR-XX', 'BR-SP-XX', 'BR-SP-SP-1', '../../package', 'BR-constructor', 'BR-SP-toString'])('do not hold %j', (source) => {
    expect(namedInData(source)).toBe(false);
  });
});
