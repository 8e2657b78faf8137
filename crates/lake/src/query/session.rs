//! What one question may reach: the store of its lake, and nothing else.

use std::sync::Arc;

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use object_store::ObjectStore;
use url::Url;

/// Under which name a question reaches the store of its lake.
pub(super) fn lake_url() -> &'static str {
    "lake://lake"
}

/// Knows one store, and learns no other.
#[derive(Debug)]
struct OneStore(Arc<dyn ObjectStore>);

impl ObjectStoreRegistry for OneStore {
    fn register_store(&self, _url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        // Refused: what was given goes back.
        Some(store)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        if url.scheme() == "lake" {
            return Ok(Arc::clone(&self.0));
        }
        Err(DataFusionError::Plan(
            "only the lake's own tables can be read".to_owned(),
        ))
    }
}

/// The surroundings of one question: memory of its own or shared, the shared directory for spilling, one store.
pub(super) fn surroundings(
    base: &RuntimeEnv,
    store: &Arc<dyn ObjectStore>,
    memory: Option<Arc<dyn MemoryPool>>,
) -> Result<Arc<RuntimeEnv>> {
    let mut builder = RuntimeEnvBuilder::from_runtime_env(base)
        .with_object_store_registry(Arc::new(OneStore(Arc::clone(store))));
    if let Some(memory) = memory {
        builder = builder.with_memory_pool(memory);
    }
    builder.build_arc()
}
