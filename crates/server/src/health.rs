//! How SpaceWatch is, for people and for orchestrators.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use spacewatch_telemetry::{Health, StorageMetrics};
use utoipa::ToSchema;

use crate::app::App;
use crate::config::{AgentFacts, SchedulerFacts};
use crate::problem::Problem;
use crate::tool::json_response;

/// The answer of `/health`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthReport<'a> {
    /// Always true: whoever reads this was answered.
    ok: bool,
    /// The storage health: `healthy` below 5 % errors, `degraded` to 10 %, `unhealthy` above.
    #[schema(value_type = String, example = "healthy")]
    status: Health,
    /// Whole seconds since the start.
    uptime_seconds: u64,
    /// Where requests go that name no endpoint.
    spaces_endpoint: &'a str,
    /// The region they are signed for.
    spaces_region: &'a str,
    /// An operator's key is configured.
    api_key_protection: bool,
    /// Tenants whose bucket list is remembered.
    bucket_cache_credentials_count: usize,
    /// Named buckets are tried when credentials may not list them.
    fallback_buckets_enabled: bool,
    /// The assistant's budgets.
    agent: AgentFacts,
    /// Whether snapshots are taken unasked.
    scheduler: SchedulerFacts,
    /// This is the demo: `/demo/access` has keys to try.
    demo: bool,
    /// SpaceWatch's version.
    version: &'static str,
    /// Operations of the window that ends now.
    storage_metrics: &'a StorageMetrics,
    /// Calls to stores in the same window.
    s3_metrics: &'a StorageMetrics,
}

/// The last report as bytes. Dashboards and balancers ask far more often than it changes.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<Cached>>);

struct Cached {
    uptime_seconds: u64,
    tenants: usize,
    metrics: Arc<StorageMetrics>,
    s3_metrics: Arc<StorageMetrics>,
    json: Bytes,
}

pub(crate) async fn health(State(app): State<Arc<App>>) -> Response {
    match report(&app) {
        Some(json) => json_response(json),
        None => Problem::internal().into_response(),
    }
}

fn report(app: &App) -> Option<Bytes> {
    let uptime_seconds = app.services.clock.elapsed().as_secs();
    let tenants = app.services.bucket_cache.len();
    let metrics = app.services.recorder.storage_metrics();
    let s3_metrics = app.services.recorder.s3_metrics();
    let mut cached = app.health.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(last) = cached.as_ref()
        && last.uptime_seconds == uptime_seconds
        && last.tenants == tenants
        && Arc::ptr_eq(&last.metrics, &metrics)
        && Arc::ptr_eq(&last.s3_metrics, &s3_metrics)
    {
        return Some(last.json.clone());
    }
    let config = &app.config;
    let report = HealthReport {
        ok: true,
        status: metrics.health(),
        uptime_seconds,
        spaces_endpoint: &config.spaces_endpoint,
        spaces_region: &config.spaces_region,
        api_key_protection: config.api_key.as_ref().is_some_and(|key| !key.is_empty()),
        bucket_cache_credentials_count: tenants,
        fallback_buckets_enabled: !config.fallback_buckets.is_empty(),
        agent: config.agent,
        scheduler: config.scheduler,
        demo: config.demo.is_some(),
        version: env!("CARGO_PKG_VERSION"),
        storage_metrics: &metrics,
        s3_metrics: &s3_metrics,
    };
    let json = Bytes::from(serde_json::to_vec(&report).ok()?);
    *cached = Some(Cached {
        uptime_seconds,
        tenants,
        metrics,
        s3_metrics,
        json: json.clone(),
    });
    Some(json)
}

/// The process runs.
pub(crate) async fn alive() -> Response {
    json_response(Bytes::from_static(br#"{"status":"alive"}"#))
}

/// The service takes requests. It needs nothing else to run, so ready is as soon as it listens.
pub(crate) async fn ready() -> Response {
    json_response(Bytes::from_static(br#"{"status":"ready"}"#))
}
