//! The list in an answer as CSV or Parquet, for spreadsheets and other programs.
//!
//! An answer is a structure with figures and at least one list of rows. Here the rows become a table: a field of a row is a column,
//! a field of a field is a column `outer.inner`, a list within a row is JSON in one column. Columns stand in the order in which rows
//! tell them first.

mod any;
mod table;

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use serde::Serialize;

use any::Any;
use table::{Cell, Column, Kind, Table};

/// Why an answer can't be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The answer has no list of rows, or not this one.
    #[error("the answer has no list {}", which(.wished.as_deref(), .lists))]
    NoList {
        /// The list asked for.
        wished: Option<String>,
        /// The lists that it has.
        lists: Vec<String>,
    },
    /// The answer is no JSON.
    #[error("the answer can't be written: {0}")]
    Answer(#[from] serde_json::Error),
    /// The rows can't be written as CSV.
    #[error("the rows can't be written as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The rows can't be columns.
    #[error("the rows can't be columns: {0}")]
    Columns(#[from] ArrowError),
    /// The columns can't be written as Parquet.
    #[error("the rows can't be written as Parquet: {0}")]
    Parquet(#[from] ParquetError),
}

fn which(wished: Option<&str>, lists: &[String]) -> String {
    let named = wished.map_or_else(|| "of rows".to_owned(), |name| format!("`{name}`"));
    match lists {
        [] => named,
        lists => format!("{named}, only {}", lists.join(", ")),
    }
}

/// The rows of an answer as CSV with a head line; of the list of this name, else of the first that has rows.
///
/// Text that a spreadsheet would take for a formula begins with `'`.
///
/// # Errors
///
/// When the answer has no such list.
pub fn csv(answer: &impl Serialize, list: Option<&str>) -> Result<Bytes, ExportError> {
    let table = table(answer, list)?;
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| column.name.as_str()))?;
    for row in 0..table.rows {
        writer.write_record(table.columns.iter().map(|column| as_text(column.cell(row))))?;
    }
    let written = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(written.into())
}

/// The rows of an answer as a Parquet file; of the list of this name, else of the first that has rows.
///
/// # Errors
///
/// When the answer has no such list.
pub fn parquet(answer: &impl Serialize, list: Option<&str>) -> Result<Bytes, ExportError> {
    let table = table(answer, list)?;
    let columns = table
        .columns
        .iter()
        .map(|column| (column.name.as_str(), array(column, table.rows), true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None)?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?.into())
}

/// The same for an answer that is JSON already.
///
/// # Errors
///
/// When it is no JSON, or has no such list.
pub fn csv_of_json(json: &[u8], list: Option<&str>) -> Result<Bytes, ExportError> {
    csv(&serde_json::from_slice::<Any>(json)?, list)
}

/// The same for an answer that is JSON already.
///
/// # Errors
///
/// When it is no JSON, or has no such list.
pub fn parquet_of_json(json: &[u8], list: Option<&str>) -> Result<Bytes, ExportError> {
    parquet(&serde_json::from_slice::<Any>(json)?, list)
}

fn table(answer: &impl Serialize, list: Option<&str>) -> Result<Table, ExportError> {
    let answer: Any = serde_json::from_str(&serde_json::to_string(answer)?)?;
    let Any::Map(fields) = with_named_columns(answer) else {
        return Err(ExportError::NoList {
            wished: list.map(str::to_owned),
            lists: Vec::new(),
        });
    };
    let mut lists: Vec<(String, Vec<Any>)> = fields
        .into_iter()
        .filter_map(|(name, value)| match value {
            Any::List(rows) if rows.iter().all(|row| matches!(row, Any::Map(_))) => Some((name, rows)),
            _ => None,
        })
        .collect();
    let place = match list {
        Some(wished) => lists.iter().position(|(name, _)| name == wished),
        None => {
            let first = lists.iter().position(|(_, rows)| !rows.is_empty());
            first.or((!lists.is_empty()).then_some(0))
        }
    };
    match place {
        Some(place) => Ok(Table::of(lists.swap_remove(place).1)),
        None => Err(ExportError::NoList {
            wished: list.map(str::to_owned),
            lists: lists.into_iter().map(|(name, _)| name).collect(),
        }),
    }
}

/// Rows without names, as SQL gives them, get those of the columns beside them.
fn with_named_columns(answer: Any) -> Any {
    let Any::Map(mut fields) = answer else {
        return answer;
    };
    let place = |fields: &[(String, Any)], wished| fields.iter().position(|(name, _)| name == wished);
    let (Some(columns), Some(rows)) = (place(&fields, "columns"), place(&fields, "rows")) else {
        return Any::Map(fields);
    };
    let names: Vec<String> = match fields.get(columns) {
        Some((_, Any::List(columns))) => columns.iter().filter_map(name_of).collect(),
        _ => Vec::new(),
    };
    if let Some((_, Any::List(rows))) = fields.get_mut(rows)
        && rows.iter().all(|row| matches!(row, Any::List(_)))
    {
        for row in rows {
            if let Any::List(values) = std::mem::replace(row, Any::Nothing) {
                *row = Any::Map(names.iter().cloned().zip(values).collect());
            }
        }
        fields.swap_remove(columns);
    }
    Any::Map(fields)
}

fn name_of(column: &Any) -> Option<String> {
    let Any::Map(fields) = column else { return None };
    let name = fields.iter().find(|(field, _)| field == "name");
    match name {
        Some((_, Any::Text(name))) => Some(name.clone()),
        _ => None,
    }
}

/// A value as a spreadsheet may read it.
fn as_text(cell: &Cell) -> String {
    match cell {
        Cell::Nothing => String::new(),
        Cell::Bit(bit) => bit.to_string(),
        Cell::Whole(number) => number.to_string(),
        Cell::Fraction(number) => number.to_string(),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
    }
}

fn array(column: &Column, rows: usize) -> ArrayRef {
    let cells = (0..rows).map(|row| column.cell(row));
    match column.kind {
        Kind::Bit => Arc::new(cells.map(Cell::bit).collect::<BooleanArray>()),
        Kind::Whole => Arc::new(cells.map(Cell::whole).collect::<Int64Array>()),
        Kind::Fraction => Arc::new(cells.map(Cell::fraction).collect::<Float64Array>()),
        Kind::Text => Arc::new(cells.map(Cell::text).collect::<StringArray>()),
    }
}

#[cfg(test)]
mod tests;
