//! The catalogue as an answer.

use serde::Serialize;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::catalog::{Metric, Source, Unit, Vocabulary, all};
use super::class::By;
use super::statistic::Statistic;
use crate::{NoArgs, Tenant, Tool, ToolError};

/// `metrics-catalog`: every metric that can be asked for.
#[derive(Debug)]
pub struct MetricsCatalog;

/// Every metric that can be asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MetricsCatalogOutput {
    /// How many there are.
    pub count: usize,
    /// All of them, by vocabulary.
    pub metrics: Vec<MetricRow>,
}

/// A metric, as the catalogue tells of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MetricRow {
    /// Its name.
    pub name: &'static str,
    /// Whose name it is.
    pub vocabulary: Vocabulary,
    /// What its values are numbers of.
    pub unit: Unit,
    /// The statistics it can be asked for, the default first. Where there are percentiles, any other will do as well.
    #[schema(value_type = Vec<String>)]
    pub statistics: &'static [Statistic],
    /// What its series can be told apart by.
    pub dimensions: &'static [By],
    /// What it is computed from.
    pub sources: &'static [Source],
    /// How, in words.
    pub formula: &'static str,
    /// The value is what the name says; otherwise `note` tells how it differs.
    pub exact: bool,
    /// What else to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl From<&Metric> for MetricRow {
    fn from(metric: &Metric) -> Self {
        Self {
            name: metric.name,
            vocabulary: metric.vocabulary,
            unit: metric.unit(),
            statistics: metric.statistics(),
            dimensions: metric.dimensions(),
            sources: metric.sources(),
            formula: metric.formula,
            exact: metric.exact,
            note: metric.note,
        }
    }
}

impl Tool for MetricsCatalog {
    const NAME: &'static str = "metrics-catalog";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = NoArgs;
    type Output = MetricsCatalogOutput;

    async fn run(_: &Tenant, _: NoArgs) -> Result<Self::Output, ToolError> {
        let metrics: Vec<_> = all().map(MetricRow::from).collect();
        Ok(MetricsCatalogOutput {
            count: metrics.len(),
            metrics,
        })
    }
}
