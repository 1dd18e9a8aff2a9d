// A dashboard as Grafana's own types describe it, with the panels this project uses told apart by
// their type. check.mjs compiles this file once beside each version of the package.
import type * as schema from '@grafana/schema';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as stateTimeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as text from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';
import type * as timeSeries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { PrometheusDataQuery } from '../grafana-10/query';

// A type as it is in JSON: a string enum becomes the union of its values. Grafana's own types are
// enums, to which no literal can be assigned.
type Json<T> = T extends string
  ? string extends T
    ? T
    : `${T}`
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Field in keyof T]: Json<T[Field]> }
      : T;

interface DataLink {
  title: string;
  url: string;
  targetBlank?: boolean;
}

type Override =
  | { id: 'unit'; value: string }
  | { id: 'links'; value: DataLink[] }
  | { id: 'color'; value: schema.FieldColor }
  | { id: 'thresholds'; value: schema.ThresholdsConfig }
  | { id: 'custom.cellOptions'; value: schema.TableCellOptions };

interface FieldConfig<Custom> {
  defaults: Omit<schema.FieldConfig, 'custom' | 'links'> & {
    custom?: Partial<Custom>;
    links?: DataLink[];
  };
  overrides: { matcher: { id: 'byName'; options: string }; properties: Override[] }[];
}

interface Organize {
  id: 'organize';
  options: {
    excludeByName: Record<string, boolean>;
    indexByName: Record<string, number>;
    renameByName: Record<string, string>;
  };
}

// What the package leaves to each kind of panel. Its options may be partial: a version of Grafana
// fills in its own defaults for those that an older one did not know.
type Panel<Type extends string, Options, Specific> = Omit<
  schema.Panel,
  'type' | 'options' | 'fieldConfig' | 'targets' | 'transformations'
> & { type: Type; options: Partial<Options> } & Specific;

type Graph<Type extends string, Options, Custom> = Panel<
  Type,
  Options,
  { fieldConfig: FieldConfig<Custom>; targets: PrometheusDataQuery[]; transformations: Organize[] }
>;

type Nothing = Record<string, never>;

type AnyPanel =
  | Graph<'timeseries', timeSeries.Options, timeSeries.FieldConfig>
  | Graph<'state-timeline', stateTimeline.Options, stateTimeline.FieldConfig & { spanNulls?: boolean }>
  | Graph<'stat', stat.Options, Nothing>
  | Graph<'heatmap', heatmap.Options, heatmap.FieldConfig>
  | Graph<'table', table.Options, table.FieldConfig>
  | Panel<'text', text.Options, object>
  | (Omit<schema.RowPanel, 'panels'> & { panels: [] });

// What Grafana's Prometheus data source keeps in an annotation, and its query variables in theirs.
type Annotation = schema.AnnotationQuery & { expr: string; titleFormat: string; step: string };
type Variable = schema.VariableModel & { definition?: string };

export type Dashboard = Json<
  Omit<schema.Dashboard, 'panels' | 'annotations' | 'templating'> & {
    panels: AnyPanel[];
    annotations: { list: Annotation[] };
    templating: { list: Variable[] };
  }
>;
