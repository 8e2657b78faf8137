//! Every route, in one list: its address, what it counts as, who answers, how it is described.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodRouter, get, post};
use spacewatch_insight::{
    Browse, Buckets, Diagnose, ListObjects, RecentObjects, StorageSummary, Tool, TopLargest,
    ValidateCredentials,
};
use spacewatch_model::{BucketName, ErrorCode, OneLine};
use spacewatch_telemetry::OperationType;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::config::{Config, Services};
use crate::door::DoorLayer;
use crate::openapi::{self, Describe};
use crate::problem::Problem;
use crate::rate::Rate;
use crate::work::Works;
use crate::{assets, demo_access, docs, health, operations, tool};

/// Refused bodies that are taken off the wire at once.
const LINGERING: usize = 16;

/// Everything a handler may need.
pub(crate) struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) services: Services,
    pub(crate) routes: RouteTable,
    pub(crate) rate: Rate,
    pub(crate) works: Works,
    pub(crate) health: health::Cache,
    pub(crate) fallback_buckets: Arc<[BucketName]>,
    pub(crate) tasks: TaskTracker,
    pub(crate) lingering: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(config: Arc<Config>, services: Services, routes: &[Route]) -> Arc<Self> {
        let tasks = TaskTracker::new();
        Arc::new(Self {
            routes: RouteTable::new(routes),
            rate: Rate::new(config.rate),
            works: Works::new(config.bounds, tasks.clone(), services.clock.clone()),
            health: health::Cache::default(),
            fallback_buckets: config.fallback_buckets.clone().into(),
            tasks,
            lingering: Arc::new(Semaphore::new(LINGERING)),
            config,
            services,
        })
    }
}

/// What a route counts as, and how it is guarded.
#[derive(Debug, Clone)]
pub(crate) struct RouteFacts {
    /// The route's template, as the operation log shows it.
    pub(crate) endpoint: Arc<str>,
    pub(crate) operation: OperationType,
    pub(crate) rate_limited: bool,
    /// Answers under any host name: probes of orchestrators name whatever they like.
    pub(crate) any_host: bool,
}

/// What is known of each route by its template.
pub(crate) struct RouteTable {
    known: HashMap<&'static str, RouteFacts>,
    unknown: RouteFacts,
}

impl RouteTable {
    fn new(routes: &[Route]) -> Self {
        let facts = |route: &Route| RouteFacts {
            endpoint: route.template.into(),
            operation: route.operation,
            rate_limited: route.guard == Guard::Limited,
            any_host: route.guard == Guard::Probe,
        };
        Self {
            known: routes
                .iter()
                .map(|route| (route.template, facts(route)))
                .collect(),
            unknown: RouteFacts {
                endpoint: "(no such route)".into(),
                operation: OperationType::Unknown,
                rate_limited: true,
                any_host: false,
            },
        }
    }

    pub(crate) fn facts(&self, template: Option<&str>) -> RouteFacts {
        template
            .and_then(|template| self.known.get(template))
            .unwrap_or(&self.unknown)
            .clone()
    }
}

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
    use OperationType as Is;

    let validate = post(tool::answer::<ValidateCredentials>);
    vec![
        Route::new("/validate-credentials", ValidateCredentials::OPERATION, validate)
            .described(openapi::validate_credentials),
        Route::tool::<Buckets>("/tools/buckets"),
        Route::tool::<ListObjects>("/tools/list-all"),
        Route::tool::<StorageSummary>("/tools/storage-summary"),
        Route::tool::<TopLargest>("/tools/top-largest"),
        Route::tool::<RecentObjects>("/tools/recent-objects"),
        Route::tool::<Browse>("/tools/browse"),
        Route::tool::<Diagnose>("/tools/diagnose"),
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
        Route::new("/stats", Is::Stats, get(operations::stats)).described(openapi::stats),
        Route::new("/demo/access", Is::ConfigPage, get(demo_access::access)).described(openapi::demo_access),
        Route::new("/openapi.json", Is::StaticAsset, get(docs::document)).guarded(Guard::Free),
        Route::new("/docs", Is::PageLoad, get(docs::page)).guarded(Guard::Free),
        Route::new("/docs/{file}", Is::StaticAsset, get(docs::file)).guarded(Guard::Free),
        Route::new("/", Is::ConfigPage, get(assets::page)).guarded(Guard::Free),
        Route::new("/dashboard", Is::PageLoad, get(assets::page)).guarded(Guard::Free),
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
    let app = App::new(config, services, &routes);
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
