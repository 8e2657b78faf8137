//! The tools of one tenant, as the assistant sees them.
//!
//! A call takes the same way as a route: the same question is answered once however many ask, work is bounded by tenant and client,
//! and ends when nobody waits for it any more.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;
use spacewatch_assistant::{CallProgress, Circumstances, ToolFacts, ToolFailure, Toolbox};
use spacewatch_insight::{Tenant, catalogue, catalogue_tool};
use spacewatch_model::{ErrorCode, OneLine};
use spacewatch_s3::Progress;

use crate::app::App;
use crate::client::ClientKey;
use crate::problem::Problem;
use crate::tool::{self, Watcher};

/// The tools, in the words of the catalogue.
pub fn facts() -> &'static [ToolFacts] {
    static FACTS: LazyLock<Vec<ToolFacts>> = LazyLock::new(|| {
        let facts = catalogue().iter().map(|tool| ToolFacts {
            name: tool.name,
            description: tool.description.to_owned(),
            arguments: tool.arguments.clone(),
            writes: tool.writes,
            page: Some(tool.page(&Value::Null)),
        });
        facts.collect()
    });
    &FACTS
}

/// One tenant's tools.
pub(crate) struct TenantToolbox {
    app: Arc<App>,
    tenant: Tenant,
    client: ClientKey,
    circumstances: Circumstances,
    last: Mutex<Option<Value>>,
}

impl TenantToolbox {
    pub(crate) fn new(
        app: Arc<App>,
        tenant: Tenant,
        client: ClientKey,
        circumstances: Circumstances,
    ) -> Self {
        Self {
            app,
            tenant,
            client,
            circumstances,
            last: Mutex::default(),
        }
    }

    /// The last result that a tool gave.
    pub(crate) fn last_result(&self) -> Option<Value> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self, name: &str, args: Value, watcher: Watcher<'_>) -> Result<Value, Problem> {
        let Some(tool) = catalogue_tool(name) else {
            let detail = format!("there is no tool `{}`", OneLine(name));
            return Err(Problem::new(ErrorCode::InvalidParameter, detail));
        };
        if tool.writes {
            let detail = format!("`{name}` changes something: a person has to begin it");
            return Err(Problem::new(ErrorCode::InvalidParameter, detail));
        }
        let prepared = tool.prepare(&self.tenant, args)?;
        let asked = (tool.name, prepared);
        let json = tool::ask_prepared(&self.app, &self.tenant, asked, self.client, watcher).await?;
        serde_json::from_slice(&json).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                tool = name,
                "an answer can't be read again"
            );
            Problem::internal()
        })
    }
}

#[async_trait]
impl Toolbox for TenantToolbox {
    fn tools(&self) -> &[ToolFacts] {
        facts()
    }

    async fn call(&self, tool: &str, args: Value) -> Result<Value, ToolFailure> {
        self.call_watched(tool, args, &mut |_| ()).await
    }

    async fn call_watched(
        &self,
        tool: &str,
        args: Value,
        tell: &mut (dyn FnMut(CallProgress) + Send),
    ) -> Result<Value, ToolFailure> {
        self.app.services.counters.tool_requests.increment();
        let mut watcher = |progress: &Progress| {
            tell(CallProgress {
                objects: progress.objects(),
                requests: progress.requests(),
                bytes: progress.bytes(),
            });
        };
        let result = self.ask(tool, args, &mut watcher).await;
        let result = result.map_err(Problem::into_failure)?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(result.clone());
        Ok(result)
    }

    fn page(&self, tool: &str, args: &Value) -> Option<String> {
        catalogue_tool(tool).map(|tool| tool.page(args))
    }

    fn circumstances(&self) -> Circumstances {
        self.circumstances.clone()
    }
}
