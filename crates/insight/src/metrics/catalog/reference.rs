//! The page of `docs/` that tells of every metric. A test rewrites it when the catalogue changed.

use std::fmt::Write;
use std::path::Path;

use super::{Metric, Vocabulary, all};

const HEAD: &str = "# Metrics

<!-- Made from `crates/insight/src/metrics/catalog/` by a test. Change it there. -->

SpaceWatch computes the figures that AWS and Azure users know, under their own names, for any S3 store: from access logs, from
listings and from the bucket's configuration. One computation serves all vocabularies, so that a name two of them share means the
same in both. `GET /metrics/catalog` gives this list, `GET /metrics/query` the values:

```console
$ curl -s -H \"X-Spaces-Key: $KEY\" -H \"X-Spaces-Secret: $SECRET\" -H \"X-Log-Bucket: my-logs\" \\
    'http://127.0.0.1:8000/metrics/query?metric=AllRequests,4xxErrors&bucket=my-bucket&from=-24h&period=3600&statistic=Sum'
```

- `metric` and `statistic` take lists. `by=` gives a series for each value of a dimension: `operation`, `api_name`, `class`,
  `method`, `status`, `status_class`, `response_type`, `error_code`, `authentication`, `signature_version`, `tls_version`, and for
  the busiest values `ip`, `requester`, `key`, `prefix`.
- Steps are UTC, half-open, keyed by their start, and at least 60 seconds long. There are never more than `METRICS_MAX_POINTS`
  points in an answer: where there would be, steps become longer, and `period_seconds` says how long they are.
- Sums and counts are 0 in a step without requests. Averages, extremes and percentiles have no point there. Averages of
  ratios are never taken: numerators and denominators are summed.
- Percentiles are nearest-rank and exact: times are whole milliseconds, counted one by one.
- Steps that may still change, because log objects are not read or not delivered yet, stand in `incomplete`; `coverage` says
  what the whole answer rests on.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for vocabulary in [
        Vocabulary::CloudWatch,
        Vocabulary::StorageLens,
        Vocabulary::AzureMonitor,
    ] {
        let title = vocabulary.title();
        let _ = write!(
            page,
            "\n## {title}\n\n| Metric | Unit | Statistics | From | Meaning |\n|---|---|---|---|---|\n"
        );
        for metric in all().filter(|metric| metric.vocabulary == vocabulary) {
            page.push_str(&row(metric));
        }
    }
    page
}

fn row(metric: &Metric) -> String {
    let list = |items: Vec<String>| {
        if items.is_empty() {
            "–".to_owned()
        } else {
            items.join(", ")
        }
    };
    let statistics = list(metric.statistics().iter().map(ToString::to_string).collect());
    let sources = list(metric.sources().iter().map(ToString::to_string).collect());
    let note = metric.note.map(|note| format!(" {note}")).unwrap_or_default();
    let (name, unit, formula) = (metric.name, metric.unit(), metric.formula);
    format!("| `{name}` | {unit} | {statistics} | {sources} | {formula}{note} |\n")
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let page = page();
    if std::fs::read_to_string(&path).ok().as_deref() != Some(page.as_str()) {
        std::fs::write(&path, page).unwrap();
        panic!("docs/metrics.md was out of date; it has been rewritten, commit it");
    }
}
