//! What the operator sees of the operations.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ErrorCode, OneLine};
use spacewatch_telemetry::{
    CountersSnapshot, Layer, OperationFilter, OperationKind, OperationRow, OperationType, OperationsMetrics,
    S3Call, StorageMetrics,
};
use utoipa::ToSchema;

use crate::admin::Operator;
use crate::app::App;
use crate::problem::Problem;
use crate::query;
use crate::tool::json_response;

/// Rows of one answer.
const MAX_ROWS: usize = 1000;

/// What `/metrics/operations` takes.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct MetricsQuery {
    /// `api` (requests to SpaceWatch, the default) or `s3` (calls to the store).
    layer: Option<String>,
}

/// What `/logs/operations` takes.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct LogQuery {
    /// Only operations of this type: `LIST_OBJECTS`, or with `layer=s3` a call like `ListObjectsV2`.
    operation_type: Option<String>,
    /// Only operations on this bucket.
    #[schema(value_type = Option<String>)]
    bucket: Option<String>,
    /// How many, newest first: 100 by default, at most 1,000.
    #[schema(value_type = Option<i64>)]
    limit: Option<spacewatch_insight::Limit>,
    /// Only operations that took at least this long.
    min_duration_ms: Option<f64>,
    /// `api` (requests to SpaceWatch, the default) or `s3` (calls to the store).
    layer: Option<String>,
}

/// The operation log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogReport {
    /// How many rows there are.
    count: usize,
    /// The operations, newest first.
    logs: Vec<OperationRow>,
    /// What was asked for, after clamping.
    filters: Filters,
}

/// The filters of a log, as they were understood.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Filters {
    /// Only operations of this type.
    operation_type: Option<&'static str>,
    /// Only operations on this bucket.
    bucket: Option<BucketName>,
    /// At most so many rows.
    limit: usize,
    /// Only operations that took at least this long.
    min_duration_ms: Option<f64>,
    /// The layer looked at.
    layer: Layer,
}

/// The counters since the start, and the windows of both layers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatsReport {
    #[serde(flatten)]
    counters: CountersSnapshot,
    /// Requests to SpaceWatch.
    #[schema(value_type = StorageMetrics)]
    storage_metrics: Arc<StorageMetrics>,
    /// Calls to stores.
    #[schema(value_type = StorageMetrics)]
    s3_metrics: Arc<StorageMetrics>,
}

/// What `/metrics/operations` answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetricsReport {
    #[serde(flatten)]
    operations: OperationsMetrics,
    /// The window of layer `s3`, beside the asked one.
    #[schema(value_type = StorageMetrics)]
    s3_metrics: Arc<StorageMetrics>,
}

pub(crate) async fn metrics(_: Operator, State(app): State<Arc<App>>, uri: Uri) -> Result<Response, Problem> {
    let MetricsQuery { layer } = query::parse(uri.query())?;
    let recorder = &app.services.recorder;
    Ok(json(&MetricsReport {
        operations: recorder.operations_metrics(parse_layer(layer.as_deref())?),
        s3_metrics: recorder.s3_metrics(),
    }))
}

/// Without a key, like `/health`; but not exempt from the rate, because it is reckoned each time.
pub(crate) async fn series(State(app): State<Arc<App>>, uri: Uri) -> Result<Response, Problem> {
    let MetricsQuery { layer } = query::parse(uri.query())?;
    let layer = parse_layer(layer.as_deref())?;
    Ok(json(&app.services.recorder.series(layer)))
}

pub(crate) async fn log(_: Operator, State(app): State<Arc<App>>, uri: Uri) -> Result<Response, Problem> {
    let filter = filter(query::parse(uri.query())?)?;
    let logs: Vec<OperationRow> = app
        .services
        .recorder
        .operations(&filter)
        .into_iter()
        .map(OperationRow::from)
        .collect();
    let filters = Filters {
        operation_type: filter.kind.map(OperationKind::as_str),
        bucket: filter.bucket,
        limit: filter.limit,
        min_duration_ms: filter.min_duration.map(|least| least.as_secs_f64() * 1000.0),
        layer: filter.layer,
    };
    Ok(json(&LogReport {
        count: logs.len(),
        logs,
        filters,
    }))
}

pub(crate) async fn stats(_: Operator, State(app): State<Arc<App>>) -> Response {
    let recorder = &app.services.recorder;
    json(&StatsReport {
        counters: app.services.counters.snapshot(),
        storage_metrics: recorder.storage_metrics(),
        s3_metrics: recorder.s3_metrics(),
    })
}

fn filter(query: LogQuery) -> Result<OperationFilter, Problem> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let operation_type = given(query.operation_type);
    let layer = match (given(query.layer), operation_type.as_deref()) {
        (Some(layer), _) => parse_layer(Some(&layer))?,
        // A name that only the store's calls have means their layer.
        (None, Some(name)) if name.parse::<OperationType>().is_err() && name.parse::<S3Call>().is_ok() => {
            Layer::S3
        }
        (None, _) => Layer::Api,
    };
    let invalid = |name: &str, why: String| {
        Problem::new(ErrorCode::InvalidParameter, format!("`{name}` {}", OneLine(&why)))
    };
    let kind = operation_type
        .map(|text| match layer {
            Layer::Api => text.parse().map(OperationKind::Api),
            Layer::S3 => text.parse().map(OperationKind::S3),
        })
        .transpose()
        .map_err(|error: spacewatch_telemetry::UnknownOperation| {
            invalid("operation_type", error.to_string())
        })?;
    let bucket = given(query.bucket)
        .map(|text| text.parse::<BucketName>())
        .transpose()
        .map_err(|error| invalid("bucket", error.to_string()))?;
    let min_duration = query
        .min_duration_ms
        .map(|milliseconds| Duration::try_from_secs_f64(milliseconds / 1000.0))
        .transpose()
        .map_err(|_| {
            invalid(
                "min_duration_ms",
                "must be a number of milliseconds from 0".to_owned(),
            )
        })?;
    let limit = query.limit.map_or(100, |limit| {
        usize::try_from(limit.0.max(1)).unwrap_or(MAX_ROWS).min(MAX_ROWS)
    });
    Ok(OperationFilter {
        layer,
        kind,
        bucket,
        min_duration,
        limit,
    })
}

fn parse_layer(text: Option<&str>) -> Result<Layer, Problem> {
    text.filter(|text| !text.is_empty())
        .map_or(Ok(Layer::Api), |text| {
            text.parse()
                .map_err(|error| Problem::new(ErrorCode::InvalidParameter, format!("`layer` {error}")))
        })
}

/// A report as an answer.
pub(crate) fn json<T: Serialize>(report: &T) -> Response {
    match serde_json::to_vec(report) {
        Ok(json) => json_response(json.into()),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a report can't be written"
            );
            Problem::internal().into_response()
        }
    }
}
