//! What one server has in hand: its settings, its services and its books.

use std::sync::Arc;

use spacewatch_mcp::{SessionBounds, Streamable};
use spacewatch_model::BucketName;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::config::{Config, Services};
use crate::health;
use crate::rate::Rate;
use crate::route_table::RouteTable;
use crate::tool::Pictures;
use crate::work::Works;

/// Refused bodies that are taken off the wire at once.
const LINGERING: usize = 16;

/// Evidence bundles in memory at once.
const BUNDLES: usize = 2;

/// Everything a handler may need.
pub(crate) struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) services: Services,
    pub(crate) routes: RouteTable,
    pub(crate) rate: Rate,
    pub(crate) works: Works,
    pub(crate) pictures: Arc<Pictures>,
    pub(crate) mcp: Streamable,
    pub(crate) health: health::Cache,
    pub(crate) fallback_buckets: Arc<[BucketName]>,
    pub(crate) tasks: TaskTracker,
    pub(crate) lingering: Arc<Semaphore>,
    pub(crate) bundles: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(config: Arc<Config>, services: Services, routes: RouteTable) -> Arc<Self> {
        let tasks = TaskTracker::new();
        Arc::new(Self {
            routes,
            rate: Rate::new(config.rate),
            works: Works::new(config.bounds, tasks.clone(), services.clock.clone()),
            pictures: Arc::new(Pictures::new(services.clock.clone())),
            mcp: Streamable::new(services.clock.clone(), SessionBounds::default()),
            health: health::Cache::default(),
            fallback_buckets: config.fallback_buckets.clone().into(),
            tasks,
            lingering: Arc::new(Semaphore::new(LINGERING)),
            bundles: Arc::new(Semaphore::new(BUNDLES)),
            config,
            services,
        })
    }
}
