//! Rows of an SQL answer as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float32Type, Float64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;
use serde_json::Value;
use spacewatch_model::Timestamp;

use super::complaint;
use crate::LakeError;
use crate::query::ask::SqlLimits;
use crate::query::rows::{SqlAnswer, SqlColumn};

/// Bytes of text in one answer at most.
const MAX_BYTES: usize = 16 * 1024 * 1024;

pub(super) async fn collect(
    mut rows: SendableRecordBatchStream,
    limits: SqlLimits,
) -> Result<SqlAnswer, LakeError> {
    let mut answer = SqlAnswer {
        columns: columns_of(&rows.schema()),
        rows: Vec::new(),
        truncated: false,
    };
    let mut bytes = 0_usize;
    let failed = |error: DataFusionError| complaint::of(&error, limits);
    while let Some(batch) = rows.try_next().await.map_err(failed)? {
        for row in 0..batch.num_rows() {
            if answer.rows.len() >= limits.rows || bytes > MAX_BYTES {
                answer.truncated = true;
                return Ok(answer);
            }
            let values = values_of(&batch, row)?;
            bytes = values.iter().map(size_of).fold(bytes, usize::saturating_add);
            answer.rows.push(values);
        }
    }
    Ok(answer)
}

fn size_of(value: &Value) -> usize {
    16 + value.as_str().map_or(0, str::len)
}

fn columns_of(schema: &SchemaRef) -> Vec<SqlColumn> {
    let fields = schema.fields().iter();
    fields
        .map(|field| SqlColumn {
            name: field.name().clone(),
            kind: kind_of(field.data_type()).to_owned(),
        })
        .collect()
}

/// The type as SQL engines name it.
fn kind_of(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "boolean",
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => "integer",
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => "bigint",
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "double",
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "decimal",
        DataType::Timestamp(..) => "timestamp",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Interval(_) | DataType::Duration(_) => "interval",
        // Bytes that are no UTF-8 are replaced.
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary as text",
        DataType::Null => "null",
        _ => "text",
    }
}

fn values_of(batch: &RecordBatch, row: usize) -> Result<Vec<Value>, LakeError> {
    batch
        .columns()
        .iter()
        .map(|column| value_of(column.as_ref(), row))
        .collect()
}

fn value_of(column: &dyn Array, row: usize) -> Result<Value, LakeError> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Utf8View => column.as_string_view().value(row).into(),
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).into(),
        DataType::BinaryView => lossy(column.as_binary_view().value(row)),
        DataType::Binary => lossy(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => lossy(column.as_binary::<i64>().value(row)),
        DataType::Float64 => real(column.as_primitive::<Float64Type>().value(row)),
        DataType::Float32 => real(column.as_primitive::<Float32Type>().value(row).into()),
        DataType::Timestamp(unit, _) => moment(column, *unit, row)?,
        DataType::Date32 => day(column.as_primitive::<Date32Type>().value(row)),
        DataType::Decimal128(_, 0) => whole(column.as_primitive::<Decimal128Type>().value(row)),
        kind if kind.is_integer() => integer(column, row)?,
        _ => shown(column, row)?.into(),
    })
}

fn lossy(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// JSON has no infinities; what is no number is nothing.
fn real(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn whole(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| number.to_string().into(), Value::from)
}

fn integer(column: &dyn Array, row: usize) -> Result<Value, LakeError> {
    let shown = shown(column, row)?;
    let signed = shown.parse::<i64>().map(Value::from);
    Ok(signed
        .or_else(|_| shown.parse::<u64>().map(Value::from))
        .unwrap_or(Value::String(shown)))
}

fn day(days: i32) -> Value {
    let midnight = Timestamp::from_second(i64::from(days).saturating_mul(86_400));
    midnight.map_or(Value::Null, |midnight| {
        midnight.strftime("%Y-%m-%d").to_string().into()
    })
}

/// ISO 8601 in UTC, whatever the unit.
fn moment(column: &dyn Array, unit: TimeUnit, row: usize) -> Result<Value, LakeError> {
    use arrow_array::types as t;
    let moment = match unit {
        TimeUnit::Second => {
            Timestamp::from_second(column.as_primitive::<t::TimestampSecondType>().value(row))
        }
        TimeUnit::Millisecond => {
            Timestamp::from_millisecond(column.as_primitive::<t::TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            Timestamp::from_microsecond(column.as_primitive::<t::TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => Timestamp::from_nanosecond(i128::from(
            column.as_primitive::<t::TimestampNanosecondType>().value(row),
        )),
    };
    match moment {
        Ok(moment) => Ok(moment.to_string().into()),
        Err(_) => Ok(shown(column, row)?.into()),
    }
}

/// Whatever else, as the engine writes it.
fn shown(column: &dyn Array, row: usize) -> Result<String, LakeError> {
    datafusion::arrow::util::display::array_value_to_string(column, row)
        .map_err(|error| LakeError::Question(format!("a value can't be shown: {error}")))
}
