// What a panel asks Prometheus. Later versions of the package leave this type out; Grafana reads
// the same fields.
export type { PrometheusDataQuery } from '@grafana/schema/dist/esm/raw/composable/prometheus/dataquery/x/PrometheusDataQuery_types.gen';
