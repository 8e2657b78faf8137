//! The last ten minutes, step by step, for charts.

use serde::Serialize;
use spacewatch_model::Timestamp;
use utoipa::ToSchema;

use crate::{Layer, StorageMetrics};

/// Length of a step in seconds.
pub(crate) const STEP: u64 = 10;

/// Steps in a series: all that is kept by the second.
pub(crate) const STEPS: u64 = 60;

/// Operations of one layer in the last ten minutes, by steps of ten seconds.
///
/// Steps are half-open, begin with the UTC clock and stand oldest first; place `n` of each list belongs to
/// the same step. There is no step from before the server's start. Where `operations` is 0, there are no
/// latencies and no error rate to speak of, and the other figures are 0.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Series {
    /// The layer they were measured at.
    pub layer: Layer,
    /// How long a step is.
    pub step_seconds: u64,
    /// When each step begins.
    #[schema(value_type = Vec<String>)]
    pub timestamps: Vec<Timestamp>,
    /// Operations in the step.
    pub operations: Vec<u64>,
    /// Operations per second. The running step divides by the time that has passed of it.
    pub operations_per_second: Vec<f64>,
    /// Share of errors, 0 to 100.
    pub error_rate_percent: Vec<f64>,
    /// Median latency.
    pub latency_p50_ms: Vec<f64>,
    /// 95th percentile of latency.
    pub latency_p95_ms: Vec<f64>,
    /// 99th percentile of latency.
    pub latency_p99_ms: Vec<f64>,
    /// When this was computed; the last step runs until then.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
}

impl Series {
    pub(crate) fn of(layer: Layer, timestamp: Timestamp) -> Self {
        Self {
            layer,
            step_seconds: STEP,
            timestamps: Vec::new(),
            operations: Vec::new(),
            operations_per_second: Vec::new(),
            error_rate_percent: Vec::new(),
            latency_p50_ms: Vec::new(),
            latency_p95_ms: Vec::new(),
            latency_p99_ms: Vec::new(),
            timestamp,
        }
    }

    pub(crate) fn push(&mut self, begin: Timestamp, step: &StorageMetrics) {
        self.timestamps.push(begin);
        self.operations.push(step.total_operations_5m);
        self.operations_per_second.push(step.operations_per_second);
        self.error_rate_percent.push(step.error_rate_percent);
        self.latency_p50_ms.push(step.latency_p50_ms);
        self.latency_p95_ms.push(step.latency_p95_ms);
        self.latency_p99_ms.push(step.latency_p99_ms);
    }
}
