//! One `SELECT` over the records.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use spacewatch_lake::{SqlColumn, SqlLimits};
use spacewatch_model::{Coverage, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs;
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Rows of one answer by default.
const ROWS: usize = 1000;

/// `sql`: one `SELECT` over the tables `requests`, `cdn`, `rejects` and `log_objects` of this log, read only and within limits
/// of rows, time and memory.
#[derive(Debug)]
pub struct Sql;

/// What `sql` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SqlArgs {
    /// The `SELECT`.
    #[schema(example = "SELECT operation, count(*) AS n FROM requests GROUP BY operation ORDER BY n DESC")]
    pub sql: String,
    /// How many rows, 1,000 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until everything was read.
    #[serde(default)]
    pub wait: bool,
}

/// What a `SELECT` gave.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SqlOutput {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, a value a column; NULL is `null`.
    #[schema(value_type = Vec<Vec<Object>>)]
    pub rows: Vec<Vec<Value>>,
    /// How many rows this answer holds.
    pub row_count: usize,
    /// How many were wished, after clamping.
    pub limit: usize,
    /// There are more rows than this answer holds.
    pub truncated: bool,
    /// How to see the others, where there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as SQL engines name it.
    #[serde(rename = "type")]
    pub kind: String,
}

impl From<SqlColumn> for Column {
    fn from(column: SqlColumn) -> Self {
        Self {
            name: column.name,
            kind: column.kind,
        }
    }
}

impl Tool for Sql {
    const NAME: &'static str = "sql";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = SqlArgs;
    type Output = SqlOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let limit = Limit::rows(args.limit, ROWS, tenant.limits.sql_rows);
        let asked = logs::ask(tenant, None, TimeRange::ALWAYS, args.wait).await?;
        let limits = SqlLimits {
            rows: limit,
            memory: tenant.limits.sql_memory,
            time: tenant.limits.sql_time,
        };
        let answer = asked.lake.sql(&args.sql, limits).await?;
        Ok(SqlOutput {
            columns: answer.columns.into_iter().map(Column::from).collect(),
            row_count: answer.rows.len(),
            rows: answer.rows,
            limit,
            truncated: answer.truncated,
            note: answer
                .truncated
                .then(|| "raise `limit`, or go on with `ORDER BY` and `LIMIT … OFFSET …`".to_owned()),
            coverage: asked.coverage,
        })
    }
}
