//! Every route, in one list: its address, what it counts as, who answers, how it is described.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodRouter, get, post};
use spacewatch_insight::{
    AccessLogs, AggregateSeries, Anomalies, Browse, Buckets, Compare, Cost, CostEgress, Diagnose, Diff,
    Findings, Ghosts, Growth, HotCold, Ingest, IngestCancel, IngestState, InventoryCancel,
    InventoryDuplicates, InventoryOdd, InventoryPrefixes, InventoryRun, InventoryState, InventorySummary,
    InventoryUploads, LeakedKey, ListObjects, MetricsCatalog, MetricsQuery, ObjectAudit, Posture, RawLine,
    ReadLog, RecentObjects, Rejects, SearchLogs, SnapshotAll, SnapshotSeries, SnapshotSources, Sql,
    StorageSummary, SuppressFinding, Suppressions, TakeSnapshot, Tool, TopIps, TopLargest, TopLogs, Traffic,
    Tree, UnsuppressFinding, ValidateCredentials,
};
use spacewatch_model::{ErrorCode, OneLine};
use spacewatch_telemetry::OperationType;

use crate::app::App;
use crate::config::{Config, Services};
use crate::door::DoorLayer;
use crate::openapi::{self, Describe};
use crate::problem::Problem;
use crate::route_table::{RouteFacts, RouteTable};
use crate::{assets, chat, demo_access, docs, health, mcp, mission, operations, prometheus, tool};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// Counted against the client's rate.
    Limited,
    /// Pages, assets and health: exempt from the rate.
    Free,
    /// Exempt, and answered under any host name.
    Probe,
}

/// One route.
pub(crate) struct Route {
    pub(crate) template: &'static str,
    operation: OperationType,
    guard: Guard,
    handler: MethodRouter<Arc<App>>,
    /// How the OpenAPI document tells of it; pages and assets don't stand there.
    pub(crate) describe: Option<Describe>,
}

impl Route {
    fn new(template: &'static str, operation: OperationType, handler: MethodRouter<Arc<App>>) -> Self {
        Self {
            template,
            operation,
            guard: Guard::Limited,
            handler,
            describe: None,
        }
    }

    fn tool<T: Tool>(template: &'static str) -> Self {
        let handler = get(tool::answer::<T>);
        Self::new(template, T::OPERATION, handler).described(openapi::tool::<T>)
    }

    /// A tool whose arguments are the body.
    fn tool_post<T: Tool>(template: &'static str) -> Self {
        let handler = post(tool::answer_body::<T>);
        Self::new(template, T::OPERATION, handler).described(openapi::tool_post::<T>)
    }

    /// A tool that changes something, with its arguments in the address.
    fn tool_action<T: Tool>(template: &'static str) -> Self {
        let handler = post(tool::answer::<T>);
        Self::new(template, T::OPERATION, handler).described(openapi::tool_action::<T>)
    }

    fn facts(&self) -> (&'static str, RouteFacts) {
        let facts = RouteFacts {
            endpoint: self.template.into(),
            operation: self.operation,
            rate_limited: self.guard == Guard::Limited,
            any_host: self.guard == Guard::Probe,
        };
        (self.template, facts)
    }

    fn described(self, describe: Describe) -> Self {
        Self {
            describe: Some(describe),
            ..self
        }
    }

    fn guarded(self, guard: Guard) -> Self {
        Self { guard, ..self }
    }
}

/// The routes, whatever the configuration.
pub(crate) fn all() -> Vec<Route> {
    [of_storage(), of_logs_and_metrics(), of_the_service()]
        .into_iter()
        .flatten()
        .collect()
}

/// What is stored.
fn of_storage() -> Vec<Route> {
    vec![
        Route::tool_action::<ValidateCredentials>("/validate-credentials"),
        Route::tool::<Buckets>("/tools/buckets"),
        Route::tool::<ListObjects>("/tools/list-all"),
        Route::tool::<StorageSummary>("/tools/storage-summary"),
        Route::tool::<InventorySummary>("/tools/inventory"),
        Route::tool::<InventoryPrefixes>("/tools/inventory/prefixes"),
        Route::tool::<InventoryDuplicates>("/tools/inventory/duplicates"),
        Route::tool::<InventoryUploads>("/tools/inventory/uploads"),
        Route::tool::<InventoryOdd>("/tools/inventory/odd"),
        Route::tool_action::<InventoryRun>("/tools/inventory/run"),
        Route::tool_action::<InventoryCancel>("/tools/inventory/cancel"),
        Route::new(
            "/tools/inventory/status",
            InventoryState::OPERATION,
            get(tool::inventory_status),
        )
        .described(openapi::inventory_status),
        Route::new(
            "/tools/inventory/export",
            OperationType::AnalyzeStorage,
            get(tool::inventory_export),
        )
        .described(openapi::inventory_export),
        Route::tool::<Tree>("/tools/tree"),
        Route::tool::<TopLargest>("/tools/top-largest"),
        Route::tool::<RecentObjects>("/tools/recent-objects"),
        Route::tool::<Browse>("/tools/browse"),
        Route::tool::<Diagnose>("/tools/diagnose"),
        Route::tool::<Posture>("/tools/posture"),
    ]
}

/// Who did what, how much, and what it costs.
fn of_logs_and_metrics() -> Vec<Route> {
    vec![
        Route::tool::<AccessLogs>("/tools/access-logs"),
        Route::tool::<ReadLog>("/tools/read-log"),
        Route::tool::<SearchLogs>("/tools/search-logs"),
        Route::tool::<ObjectAudit>("/tools/object-audit"),
        Route::tool::<RawLine>("/tools/raw-line"),
        Route::tool::<TopLogs>("/tools/top"),
        Route::tool::<Ghosts>("/tools/ghosts"),
        Route::tool::<LeakedKey>("/tools/leaked-key"),
        Route::tool::<Suppressions>("/tools/findings/suppressions"),
        Route::tool_action::<SuppressFinding>("/tools/findings/suppress"),
        Route::tool_action::<UnsuppressFinding>("/tools/findings/unsuppress"),
        Route::new("/tools/evidence", OperationType::QueryLogs, get(tool::evidence))
            .described(openapi::evidence),
        Route::tool::<HotCold>("/tools/hot-cold"),
        Route::tool::<Diff>("/tools/diff"),
        Route::tool::<Findings>("/tools/findings"),
        Route::tool::<Anomalies>("/tools/anomalies"),
        Route::tool::<Growth>("/tools/growth"),
        Route::tool::<TopIps>("/metrics/top-ips"),
        Route::tool_action::<TakeSnapshot>("/metrics/snapshot"),
        Route::tool_action::<SnapshotAll>("/trigger-snapshot-all"),
        Route::tool::<SnapshotSources>("/metrics/sources"),
        Route::tool::<SnapshotSeries>("/metrics/series"),
        Route::tool::<AggregateSeries>("/metrics/aggregate-series"),
        Route::tool::<Traffic>("/tools/traffic"),
        Route::tool::<Compare>("/tools/compare"),
        Route::tool::<Cost>("/tools/cost"),
        Route::tool::<CostEgress>("/tools/cost/egress"),
        Route::tool::<MetricsCatalog>("/metrics/catalog"),
        Route::tool::<MetricsQuery>("/metrics/query"),
        Route::new("/plots/{file}", OperationType::GeneratePlot, get(tool::plot)).described(openapi::plot),
        Route::tool::<Rejects>("/tools/rejects"),
        Route::tool_post::<Sql>("/tools/sql"),
        Route::new("/ingest/status", IngestState::OPERATION, get(tool::ingest_status))
            .described(openapi::ingest_status),
        Route::tool_action::<Ingest>("/ingest/run"),
        Route::tool_action::<IngestCancel>("/ingest/cancel"),
    ]
}

/// How the service itself is, and its pages.
fn of_the_service() -> Vec<Route> {
    use OperationType as Is;

    vec![
        Route::new("/chat", Is::AiQuery, post(chat::chat)).described(openapi::chat),
        Route::new("/mcp", Is::AiQuery, post(mcp::message).delete(mcp::end)),
        Route::new("/work/{id}", Is::Unknown, get(tool::work)).described(openapi::work),
        Route::new("/health", Is::HealthCheck, get(health::health))
            .guarded(Guard::Free)
            .described(openapi::health),
        Route::new("/health/series", Is::HealthCheck, get(operations::series)).described(openapi::series),
        Route::new("/livez", Is::HealthCheck, get(health::alive))
            .guarded(Guard::Probe)
            .described(openapi::livez),
        Route::new("/readyz", Is::HealthCheck, get(health::ready))
            .guarded(Guard::Probe)
            .described(openapi::readyz),
        Route::new("/metrics/operations", Is::QueryMetrics, get(operations::metrics))
            .described(openapi::operation_metrics),
        Route::new("/logs/operations", Is::QueryLogs, get(operations::log)).described(openapi::operation_log),
        Route::new("/metrics", Is::Stats, get(prometheus::metrics)).described(openapi::prometheus),
        Route::new("/admin/api/mission-control", Is::Unknown, get(mission::report))
            .described(openapi::mission),
        Route::new("/admin/api/timeseries", Is::Unknown, get(mission::timeseries))
            .described(openapi::timeseries),
        Route::new("/admin/api/events", Is::Unknown, get(mission::events)).described(openapi::mission_events),
        Route::new("/stats", Is::Stats, get(operations::stats)).described(openapi::stats),
        Route::new("/demo/access", Is::ConfigPage, get(demo_access::access)).described(openapi::demo_access),
        Route::new("/openapi.json", Is::StaticAsset, get(docs::document)).guarded(Guard::Free),
        Route::new("/docs", Is::PageLoad, get(docs::page)).guarded(Guard::Free),
        Route::new("/docs/{file}", Is::StaticAsset, get(docs::file)).guarded(Guard::Free),
        Route::new("/", Is::ConfigPage, get(assets::page)).guarded(Guard::Free),
        Route::new("/dashboard", Is::PageLoad, get(assets::page)).guarded(Guard::Free),
        Route::new("/admin", Is::PageLoad, get(assets::page)).guarded(Guard::Free),
        Route::new("/favicon.ico", Is::StaticAsset, get(assets::favicon)).guarded(Guard::Free),
        Route::new("/assets/{*path}", Is::StaticAsset, get(assets::asset)).guarded(Guard::Free),
    ]
}

/// The whole service, ready to be served or called.
///
/// Requests should carry their peer's address as `ConnectInfo<SocketAddr>`; [`Listening::serve`] does that.
///
/// [`Listening::serve`]: crate::Listening::serve
pub fn router(config: Arc<Config>, services: Services) -> Router {
    let routes = all();
    let app = App::new(
        config,
        services,
        RouteTable::new(routes.iter().map(Route::facts).collect()),
    );
    routes
        .into_iter()
        .fold(Router::new(), |router, route| {
            router.route(route.template, route.handler)
        })
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(DoorLayer(app.clone()))
        .with_state(app)
}

async fn no_such_route(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(200).collect();
    Problem::new(
        ErrorCode::NotFound,
        format!("there is nothing at `{}`", OneLine(&path)),
    )
    .with_hint("`/docs` shows every route")
}

async fn wrong_method(request: Request) -> Problem {
    let detail = format!("`{}` can't be used here", OneLine(request.method().as_str()));
    Problem::new(ErrorCode::MethodNotAllowed, detail)
        .with_hint("the `Allow` header names the methods that can")
}
