//! The metric catalogue: one computation, named in the words of CloudWatch, Storage Lens and Azure Monitor.

mod catalog;
mod class;
mod compare;
mod facts;
mod figures;
mod gather;
mod list;
mod query;
mod series;
mod statistic;
mod steps;
mod traffic;

pub use catalog::{Metric, Source, Unit, Vocabulary, all as all_metrics};
pub use class::By;
pub(crate) use class::UPLOADS;
pub use compare::{Change, Compare, CompareArgs, CompareOutput, MovedBy, Mover, Movers, Side};
pub use facts::Number;
pub(crate) use figures::percent;
pub use figures::{Percentiles, TrafficFigures};
pub(crate) use gather::known_until;
pub use list::{MetricRow, MetricsCatalog, MetricsCatalogOutput};
pub use query::{MetricsQuery, MetricsQueryArgs, MetricsQueryOutput};
pub use series::MetricSeries;
pub use statistic::Statistic;
pub(crate) use traffic::true_egress;

pub(crate) use steps::Steps;
pub use traffic::{CdnFigures, CdnTraffic, OperationRow, Traffic, TrafficArgs, TrafficOutput, TrafficStep};
