/** Makes docs/reference/watch-config.schema.json from the schema in src/config. */
import { watchJsonSchema } from '../src/config/index.ts';
import { publishPage } from './reference-page.ts';

await publishPage('watch-config.schema.json', `${JSON.stringify(await watchJsonSchema(), undefined, 2)}\n`);
