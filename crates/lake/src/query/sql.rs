//! Free SQL: one `SELECT` over the lake's tables, guarded.
//!
//! The text is bounded and cut into tokens first, then parsed, and its tree is checked against lists of what is
//! allowed (never of what is forbidden). The engine that plans it knows only the four tables and the allowed functions, one
//! store, and a memory pool of its own.

mod answer;
mod complaint;
mod functions;
mod guard;
mod metered;
mod yielding;

use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider};
use datafusion::error::Result;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;

use super::ask::SqlLimits;
use super::footers::Footers;
use super::rows::SqlAnswer;
use super::scan::LakeTable;
use crate::LakeError;
use crate::tables::LakeSnapshot;

/// What the tables are called.
const TABLES: [&str; 4] = ["requests", "cdn", "rejects", "log_objects"];

/// A question in SQL with what it may use.
pub(super) struct SqlSession {
    pub(super) snapshot: Arc<LakeSnapshot>,
    pub(super) footers: Arc<Footers>,
    pub(super) surroundings: Arc<RuntimeEnv>,
    pub(super) config: SessionConfig,
    pub(super) limits: SqlLimits,
}

/// Memory of its own, the shared disk, one store.
pub(super) fn surroundings(
    base: &RuntimeEnv,
    snapshot: &LakeSnapshot,
    limits: SqlLimits,
) -> Result<Arc<RuntimeEnv>, LakeError> {
    let memory = Arc::new(FairSpillPool::new(limits.memory));
    super::session::surroundings(base, &snapshot.store, Some(memory))
        .map_err(|error| super::engine::internal(&error))
}

impl SqlSession {
    pub(super) async fn answer(&self, text: &str) -> Result<SqlAnswer, LakeError> {
        let statement = guard::check(text)?;
        let complain = |error| complaint::of(&error, self.limits);
        let context = self.context().map_err(complain)?;
        let plan = self.plan(&context, statement).await.map_err(complain)?;
        let state = context.state();
        let plan = state.create_physical_plan(&plan).await.map_err(complain)?;
        let rows = execute_stream(plan, context.task_ctx()).map_err(complain)?;
        answer::collect(rows, self.limits).await
    }

    async fn plan(&self, context: &SessionContext, statement: Statement) -> Result<LogicalPlan> {
        let plan = context.state().statement_to_plan(statement).await?;
        SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false)
            .verify_plan(&plan)?;
        Ok(plan)
    }

    fn context(&self) -> Result<SessionContext> {
        let schema = MemorySchemaProvider::new();
        let snapshot = &self.snapshot;
        let tables = [
            &snapshot.requests,
            &snapshot.cdn,
            &snapshot.rejects,
            &snapshot.log_objects,
        ];
        for (name, table) in TABLES.iter().zip(tables) {
            let table = LakeTable::new(snapshot, table, &self.footers);
            schema.register_table((*name).to_owned(), Arc::new(table))?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema("lake", Arc::new(schema))?;
        let mut config = self.config.clone();
        config = config
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema("lake", "lake");
        let mut state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(Arc::clone(&self.surroundings))
            .with_scalar_functions(functions::scalar())
            .with_aggregate_functions(functions::aggregate())
            .with_window_functions(functions::window())
            .with_expr_planners(functions::planners());
        state = state.with_table_functions(std::collections::HashMap::new());
        let state = state
            .with_physical_optimizer_rule(Arc::new(metered::MeterWindows))
            .with_physical_optimizer_rule(Arc::new(yielding::YieldInJoins));
        let context = SessionContext::new_with_state(state.build());
        context.register_catalog("lake", Arc::new(catalog));
        Ok(context)
    }
}
