//! The metric catalogue: one computation, named in the words of CloudWatch, Storage Lens and Azure Monitor.

mod catalog;
mod class;
mod facts;
mod series;
mod statistic;
mod steps;

pub use catalog::{Metric, Source, Unit, Vocabulary, all as all_metrics, find as find_metric};
pub use class::By;
pub use facts::Number;
pub use series::Series;
pub use statistic::{Percent, Statistic};
