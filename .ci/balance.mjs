// balance.mjs FILE [SECONDS_MAX]: the last line of FILE must be the demonstration's JSON object, and
// its numbers must add up. Prints what does not.
import { existsSync, readFileSync } from 'node:fs';

const [file, secondsMax = '90'] = process.argv.slice(2);
const last = readFileSync(file, 'utf8').trimEnd().split('\n').pop();
const problems = [];
const must = (holds, text) => holds || problems.push(text);

let told;
try {
  told = JSON.parse(last);
} catch {
  console.error(`${file}: the last line is no JSON object: ${last}`);
  process.exit(1);
}
for (const name of ['emitted', 'duplicates', 'archived', 'undecidable', 'lost', 'seconds']) {
  must(Number.isFinite(told[name]), `${name} is ${told[name]}, not a number`);
}
must(told.emitted > 0, 'nothing was emitted');
must(told.lost === 0, `lost is ${told.lost}`);
must(told.emitted === told.archived, `emitted ${told.emitted}, archived ${told.archived}`);
must(told.seconds < Number(secondsMax), `took ${told.seconds} s, must be under ${secondsMax} s`);
for (const name of ['report', 'bundle']) {
  must(existsSync(told[name] ?? ''), `there is no ${name} at ${told[name]}`);
}
const routes = Object.entries(told.routes ?? {});
must(routes.length >= 3, `only ${routes.length} routes`);
for (const [name, route] of routes) {
  const { kept, delivered, deadLetters, inFlight } = route;
  must(inFlight === 0, `${name}: ${inFlight} in flight`);
  must(kept > 0, `${name}: nothing kept`);
  must(
    kept === delivered + deadLetters + inFlight,
    `${name}: kept ${kept}, delivered ${delivered}, dead letters ${deadLetters}, in flight ${inFlight}`,
  );
}
if (problems.length > 0) {
  console.error(`${file}: ${problems.join('; ')}\n${last}`);
  process.exit(1);
}
console.log(last);
