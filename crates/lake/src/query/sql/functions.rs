//! The functions that free SQL knows.
//!
//! What makes long texts of short ones is left out (`repeat`, `lpad`, `replace` …) or bounded (`concat`, `||`): the memory pool
//! sees what operators keep, not what functions make. So is what takes time that grows with the square of a text.

use std::sync::Arc;

use arrow_array::Array;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use datafusion::common::{DFSchema, DataFusionError, Result};
use datafusion::functions::{core, datetime, math, regex, string, unicode};
use datafusion::functions_aggregate::all_default_aggregate_functions;
use datafusion::functions_window::all_default_window_functions;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    AggregateUDF, ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    WindowUDF,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// Functions of values.
const SCALAR: [&str; 60] = [
    "nullif",
    "coalesce",
    "greatest",
    "least",
    "nvl",
    "ifnull",
    "nvl2",
    "date_bin",
    "date_part",
    "datepart",
    "date_trunc",
    "datetrunc",
    "to_timestamp",
    "to_unixtime",
    "from_unixtime",
    "now",
    "current_timestamp",
    "current_date",
    "today",
    "abs",
    "ceil",
    "floor",
    "round",
    "trunc",
    "sqrt",
    "ln",
    "log",
    "log2",
    "log10",
    "exp",
    "power",
    "pow",
    "signum",
    "starts_with",
    "ends_with",
    "contains",
    "lower",
    "upper",
    "btrim",
    "trim",
    "ltrim",
    "rtrim",
    "octet_length",
    "split_part",
    "strpos",
    "instr",
    "position",
    "left",
    "right",
    "reverse",
    "substr",
    "substring",
    "character_length",
    "char_length",
    "length",
    "substr_index",
    "substring_index",
    "regexp_like",
    "regexp_count",
    "concat",
];

/// Functions of many rows.
const AGGREGATE: [&str; 23] = [
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "mean",
    "median",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "var",
    "var_pop",
    "var_samp",
    "corr",
    "approx_distinct",
    "approx_median",
    "approx_percentile_cont",
    "percentile_cont",
    "quantile_cont",
    "bool_and",
    "bool_or",
    "first_value",
    "last_value",
];

/// Functions of rows before and after. What they keep is counted: see `metered`.
const WINDOW: [&str; 8] = [
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SCALAR.iter().chain(&AGGREGATE).chain(&WINDOW).copied()
}

pub(super) fn is_allowed(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Which argument is a pattern that is compiled.
pub(super) fn pattern_of(name: &str) -> Option<usize> {
    is_regex(name).then_some(1)
}

pub(super) fn is_regex(name: &str) -> bool {
    matches!(name, "regexp_like" | "regexp_count")
}

pub(super) fn scalar() -> Vec<Arc<ScalarUDF>> {
    let all = [
        core::functions(),
        datetime::functions(),
        math::functions(),
        regex::functions(),
        string::functions(),
        unicode::functions(),
    ];
    let known = all.into_iter().flatten();
    let known = known.filter(|function| SCALAR.contains(&function.name()) && function.name() != "concat");
    known.chain([Arc::new(concat())]).collect()
}

pub(super) fn aggregate() -> Vec<Arc<AggregateUDF>> {
    let all = all_default_aggregate_functions();
    let known = all.into_iter();
    known
        .filter(|function| AGGREGATE.contains(&function.name()))
        .collect()
}

pub(super) fn window() -> Vec<Arc<WindowUDF>> {
    let all = all_default_window_functions();
    let known = all.into_iter();
    known
        .filter(|function| WINDOW.contains(&function.name()))
        .collect()
}

/// What turns special syntax (`EXTRACT`, `SUBSTRING`, `count(*)`, `||`) into functions.
pub(super) fn planners() -> Vec<Arc<dyn ExprPlanner>> {
    vec![
        Arc::new(Concatenation),
        Arc::new(datetime::planner::DatetimeFunctionPlanner),
        Arc::new(unicode::planner::UnicodeFunctionPlanner),
        Arc::new(datafusion::functions_aggregate::planner::AggregateFunctionPlanner),
        Arc::new(datafusion::functions_window::planner::WindowFunctionPlanner),
    ]
}

/// Makes `||` the bounded function.
#[derive(Debug)]
struct Concatenation;

impl ExprPlanner for Concatenation {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        _schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        if expr.op != BinaryOperator::StringConcat {
            return Ok(PlannerResult::Original(expr));
        }
        // Unlike the function, the operator gives nothing where a side is nothing.
        let function = ScalarUDF::from(Concat::new(true));
        Ok(PlannerResult::Planned(function.call(vec![expr.left, expr.right])))
    }
}

fn concat() -> ScalarUDF {
    ScalarUDF::from(Concat::new(false))
}

/// The longest text it makes, in bytes.
const MAX_TEXT: usize = 64 * 1024;
/// The most it makes of one batch of rows.
const MAX_BATCH: usize = 64 * 1024 * 1024;

/// Texts one after the other.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Concat {
    /// Nothing beside anything is nothing; else it is an empty text.
    strict: bool,
    signature: Signature,
}

impl Concat {
    fn new(strict: bool) -> Self {
        let signature = Signature::variadic(vec![DataType::Utf8View], Volatility::Immutable);
        Self { strict, signature }
    }
}

impl ScalarUDFImpl for Concat {
    fn name(&self) -> &'static str {
        if self.strict { "concat_strict" } else { "concat" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays: Vec<_> = args
            .args
            .into_iter()
            .map(|value| value.into_array(rows))
            .collect::<Result<_>>()?;
        let mut made = StringViewBuilder::with_capacity(rows);
        let (mut text, mut bytes) = (String::new(), 0_usize);
        for row in 0..rows {
            text.clear();
            let mut missing = false;
            for array in &arrays {
                let texts = array
                    .as_string_view_opt()
                    .ok_or_else(|| DataFusionError::Execution("`concat` takes texts".to_owned()))?;
                if texts.is_null(row) {
                    missing = true;
                } else {
                    text.push_str(texts.value(row));
                }
                if text.len() > MAX_TEXT {
                    return Err(too_long());
                }
            }
            bytes = bytes.saturating_add(text.len());
            if bytes > MAX_BATCH {
                return Err(too_long());
            }
            made.append_option((!(missing && self.strict)).then_some(&text));
        }
        Ok(ColumnarValue::Array(Arc::new(made.finish())))
    }
}

fn too_long() -> DataFusionError {
    DataFusionError::Execution(format!("a text put together is longer than {MAX_TEXT} bytes"))
}
