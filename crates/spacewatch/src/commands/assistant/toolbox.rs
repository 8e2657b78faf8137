//! The tools of the person at the terminal, as the assistant and MCP see them.

use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde_json::Value;
use spacewatch_assistant::{Circumstances, Proposal, ToolFacts, ToolFailure, Toolbox};
use spacewatch_insight::{CatalogueTool, Tenant, ToolError, catalogue_tool};
use spacewatch_model::{BucketName, ErrorCode, OneLine};
use spacewatch_server::tool_facts;

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

    async fn ask(&self, name: &str, args: Value) -> Result<Value, ToolError> {
        let tool = named(name)?;
        if tool.writes && !self.may_write {
            let detail = format!("`{name}` changes something: a person has to begin it");
            return Err(ToolError::new(ErrorCode::InvalidParameter, detail));
        }
        tool.prepare(&self.tenant, args)?.run(self.tenant.clone()).await
    }
}

fn named(name: &str) -> Result<&'static CatalogueTool, ToolError> {
    let unknown = || format!("there is no tool `{}`", OneLine(name));
    catalogue_tool(name).ok_or_else(|| ToolError::new(ErrorCode::InvalidParameter, unknown()))
}

#[async_trait]
impl Toolbox for TenantToolbox {
    fn tools(&self) -> &[ToolFacts] {
        tool_facts()
    }

    async fn call(&self, tool: &str, args: Value) -> Result<Value, ToolFailure> {
        self.ask(tool, args).await.map_err(|error| ToolFailure {
            code: error.code,
            detail: error.detail,
            hint: error.hint,
        })
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
