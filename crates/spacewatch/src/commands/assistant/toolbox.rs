//! The tools of the person at the terminal, as the assistant and MCP see them.

use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde_json::Value;
use spacewatch_assistant::{CallProgress, Circumstances, Proposal, ToolFacts, ToolFailure, Toolbox};
use spacewatch_insight::{CatalogueTool, Tenant, ToolError, catalogue_tool};
use spacewatch_model::{BucketName, ErrorCode, OneLine};
use spacewatch_s3::Progress;
use spacewatch_server::tool_facts;

/// How often a watcher hears of work.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// One tenant's tools.
pub(crate) struct TenantToolbox {
    tenant: Tenant,
    time_zone: TimeZone,
    bucket: Option<BucketName>,
    may_write: bool,
}

impl TenantToolbox {
    pub(crate) fn new(tenant: Tenant, time_zone: TimeZone, bucket: Option<BucketName>) -> Self {
        Self {
            tenant,
            time_zone,
            bucket,
            may_write: false,
        }
    }

    /// The same with tools that change something, where a person wished that.
    pub(crate) fn writing(self, may_write: bool) -> Self {
        Self { may_write, ..self }
    }

    /// Does what a person said yes to.
    pub(crate) async fn perform(&self, proposal: &Proposal) -> Result<Value, ToolError> {
        let tool = named(&proposal.tool)?;
        let prepared = tool.prepare(&self.tenant, proposal.args.clone())?;
        prepared.run(self.tenant.clone()).await
    }

    async fn ask(&self, tenant: Tenant, name: &str, args: Value) -> Result<Value, ToolError> {
        let tool = named(name)?;
        if tool.writes && !self.may_write {
            let detail = format!("`{name}` changes something: a person has to begin it");
            return Err(ToolError::new(ErrorCode::InvalidParameter, detail));
        }
        tool.prepare(&self.tenant, args)?.run(tenant).await
    }
}

fn named(name: &str) -> Result<&'static CatalogueTool, ToolError> {
    let unknown = || format!("there is no tool `{}`", OneLine(name));
    catalogue_tool(name).ok_or_else(|| ToolError::new(ErrorCode::InvalidParameter, unknown()))
}

fn failure(error: ToolError) -> ToolFailure {
    ToolFailure {
        code: error.code,
        detail: error.detail,
        hint: error.hint,
    }
}

#[async_trait]
impl Toolbox for TenantToolbox {
    fn tools(&self) -> &[ToolFacts] {
        tool_facts()
    }

    async fn call(&self, tool: &str, args: Value) -> Result<Value, ToolFailure> {
        self.ask(self.tenant.clone(), tool, args).await.map_err(failure)
    }

    async fn call_watched(
        &self,
        tool: &str,
        args: Value,
        tell: &mut (dyn FnMut(CallProgress) + Send),
    ) -> Result<Value, ToolFailure> {
        // Its own count: calls may run side by side.
        let progress = Progress::default();
        let tenant = Tenant {
            progress: progress.clone(),
            ..self.tenant.clone()
        };
        let mut asked = pin!(self.ask(tenant, tool, args));
        loop {
            tokio::select! {
                answer = &mut asked => return answer.map_err(failure),
                () = tokio::time::sleep(WATCH_INTERVAL) => tell(CallProgress {
                    objects: progress.objects(),
                    requests: progress.requests(),
                    bytes: progress.bytes(),
                }),
            }
        }
    }

    fn page(&self, tool: &str, args: &Value) -> Option<String> {
        catalogue_tool(tool).map(|tool| tool.page(args))
    }

    fn circumstances(&self) -> Circumstances {
        Circumstances {
            now: self.tenant.clock.now(),
            time_zone: self.time_zone.clone(),
            bucket: self.bucket.clone(),
            period: None,
            log_bucket: self.tenant.log_bucket.clone(),
            metrics_bucket: self.tenant.metrics_bucket.clone(),
        }
    }
}
