// The committed dashboards fit, and a dashboard that is spoilt in one place does not: a check that
// misses it would prove nothing.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { before, test } from 'node:test';
import { VERSIONS, check } from './check.mjs';

const FOLDER = new URL('../grafana/', import.meta.url);

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

const committed = names.map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]);

/** The first panel of a kind, of any dashboard that has one. */
const panel = (dashboard, type) => dashboard.panels.find((each) => each.type === type);

const SPOILINGS = {
  'a word where a number belongs': (d) => (d.schemaVersion = '39'),
  'a number where a word belongs': (d) => (d.title = 7),
  'an unknown field of the dashboard': (d) => (d.titel = 'Ringwatch'),
  'an unknown choice of the dashboard': (d) => (d.graphTooltip = 9),
  'an unknown kind of panel': (d) => (panel(d, 'timeseries').type = 'graph3d'),
  'an unknown field of a panel': (d) => (panel(d, 'timeseries').fieldconfig = {}),
  'a place without a width': (d) => delete panel(d, 'timeseries').gridPos.w,
  'a word as a place': (d) => (panel(d, 'row').gridPos.y = 'top'),
  'an unknown way to draw': (d) =>
    (panel(d, 'timeseries').fieldConfig.defaults.custom.drawStyle = 'lines'),
  'a word as a width of lines': (d) =>
    (panel(d, 'timeseries').fieldConfig.defaults.custom.lineWidth = '1'),
  'an unknown place of a legend': (d) => (panel(d, 'timeseries').options.legend.placement = 'left'),
  'an unknown colour mode': (d) =>
    (panel(d, 'timeseries').fieldConfig.defaults.color.mode = 'palette'),
  'a lowest value that is a word': (d) => (panel(d, 'timeseries').fieldConfig.defaults.min = '0'),
  'a data link without an address': (d) =>
    (panel(d, 'timeseries').fieldConfig.defaults.links = [{ title: 'nowhere' }]),
  'an unknown option of a figure': (d) => (panel(d, 'stat').options.graph = 'none'),
  'an unknown choice of a figure': (d) => (panel(d, 'stat').options.textMode = 'large'),
  'a threshold that is a word': (d) =>
    (panel(d, 'stat').fieldConfig.defaults.thresholds.steps[0].value = 'low'),
  'an unknown special value': (d) =>
    (panel(d, 'stat').fieldConfig.defaults.mappings[0].options.match = 'nothing'),
  'an unknown height of cells': (d) => (panel(d, 'table').options.cellHeight = 'tiny'),
  'an unknown kind of cell': (d) =>
    (panel(d, 'table').fieldConfig.defaults.custom.cellOptions.type = 'picture'),
  'an unknown override': (d) =>
    panel(d, 'table').fieldConfig.overrides.push({
      matcher: { id: 'byName', options: 'Group' },
      properties: [{ id: 'units', value: 's' }],
    }),
  'a column that is not a number': (d) =>
    (panel(d, 'table').transformations[0].options.indexByName.group = 'first'),
  'an unknown option of states': (d) => (panel(d, 'state-timeline').options.mergeValue = true),
  'an unknown mapping': (d) =>
    (panel(d, 'state-timeline').fieldConfig.defaults.mappings[0].type = 'values'),
  'an unknown colour mode of a heatmap': (d) => (panel(d, 'heatmap').options.color.mode = 'rainbow'),
  'a heatmap without steps': (d) => delete panel(d, 'heatmap').options.color.steps,
  'an unknown mode of text': (d) => (panel(d, 'text').options.mode = 'prose'),
  'a query without a name': (d) => delete panel(d, 'timeseries').targets[0].refId,
  'an unknown format of a query': (d) => (panel(d, 'timeseries').targets[0].format = 'series'),
  'an unknown field of a query': (d) => (panel(d, 'timeseries').targets[0].expression = 'up'),
  'an unknown kind of variable': (d) => (d.templating.list[0].type = 'list'),
  'an unknown refresh of a variable': (d) => (d.templating.list[1].refresh = 5),
  'an annotation without a colour': (d) => delete d.annotations.list[0].iconColor,
  'a link that keeps no time': (d) => delete d.links[0].keepTime,
};

/** A dashboard that could be spoilt so, spoilt. */
function spoil(spoiling) {
  for (const [, json] of committed) {
    const dashboard = JSON.parse(json);
    try {
      spoiling(dashboard);
    } catch {
      continue; // it has no panel of this kind
    }
    return JSON.stringify(dashboard);
  }
  throw new Error('no dashboard has what is to be spoilt');
}

for (const version of VERSIONS) {
  // Compiled at once: most of the time goes into Grafana's own types.
  let found;
  before(() => {
    const spoilt = Object.values(SPOILINGS).map((each, i) => [`spoilt-${i}`, spoil(each)]);
    found = check(version, [...committed, ...spoilt]);
  });

  const about = (name) => found.filter((line) => line.startsWith(`${name}:`));

  for (const name of names) {
    test(`Grafana ${version}: ${name} fits`, () => assert.deepEqual(about(name), []));
  }
  Object.keys(SPOILINGS).forEach((name, i) =>
    test(`Grafana ${version}: ${name} is refused`, () => assert.notDeepEqual(about(`spoilt-${i}`), [])),
  );
  test(`Grafana ${version}: nothing else is wrong`, () =>
    assert.deepEqual(
      found.filter((line) => !/^(spoilt-\d+|ringwatch-[a-z]+\.json):/.test(line)),
      [],
    ));
}
