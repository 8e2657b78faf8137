//! Values out of the engine's columns.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int16Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch, StringViewArray};
use spacewatch_model::Timestamp;

use crate::LakeError;

/// The columns of a batch by name.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a>(pub(super) &'a RecordBatch);

/// A column of texts.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a>(&'a StringViewArray);

/// A column of numbers.
pub(super) struct Numbers<'a, T: ArrowPrimitiveType>(&'a arrow_array::PrimitiveArray<T>);

fn missing(name: &str) -> LakeError {
    LakeError::Internal(format!("the column `{name}` is missing or of another type"))
}

impl<'a> Columns<'a> {
    fn named(self, name: &str) -> Result<&'a dyn Array, LakeError> {
        let column = self.0.column_by_name(name).ok_or_else(|| missing(name))?;
        Ok(column.as_ref())
    }

    pub(super) fn texts(self, name: &str) -> Result<Texts<'a>, LakeError> {
        let column = self.named(name)?.as_string_view_opt();
        column.map(Texts).ok_or_else(|| missing(name))
    }

    fn primitives<T: ArrowPrimitiveType>(self, name: &str) -> Result<Numbers<'a, T>, LakeError> {
        let column = self.named(name)?.as_primitive_opt::<T>();
        column.map(Numbers).ok_or_else(|| missing(name))
    }

    pub(super) fn longs(self, name: &str) -> Result<Numbers<'a, Int64Type>, LakeError> {
        self.primitives(name)
    }

    pub(super) fn shorts(self, name: &str) -> Result<Numbers<'a, Int16Type>, LakeError> {
        self.primitives(name)
    }

    pub(super) fn times(self, name: &str) -> Result<Numbers<'a, TimestampMicrosecondType>, LakeError> {
        self.primitives(name)
    }

    pub(super) fn bit(self, name: &str, row: usize) -> Result<bool, LakeError> {
        let column = self.named(name)?.as_boolean_opt();
        let column = column.ok_or_else(|| missing(name))?;
        Ok(column.is_valid(row) && column.value(row))
    }

    pub(super) fn bytes(self, name: &str, row: usize) -> Result<Option<Vec<u8>>, LakeError> {
        let column = self.named(name)?.as_binary_view_opt();
        let column = column.ok_or_else(|| missing(name))?;
        Ok(column.is_valid(row).then(|| column.value(row).to_vec()))
    }

    /// The text in one place.
    pub(super) fn text(self, name: &str, row: usize) -> Result<Option<String>, LakeError> {
        Ok(self.texts(name)?.get(row).map(str::to_owned))
    }

    /// The text in a place that is never empty.
    pub(super) fn word(self, name: &str, row: usize) -> Result<String, LakeError> {
        Ok(self.text(name, row)?.unwrap_or_default())
    }

    /// The number in one place.
    pub(super) fn count(self, name: &str, row: usize) -> Result<Option<u64>, LakeError> {
        Ok(self.longs(name)?.count(row))
    }
}

impl<'a> Texts<'a> {
    /// Where this batch holds the text, or the text itself where it is short: equal places hold equal texts.
    pub(super) fn view(&self, row: usize) -> Option<u128> {
        self.0.is_valid(row).then(|| self.0.views().get(row).copied())?
    }

    pub(super) fn get(&self, row: usize) -> Option<&'a str> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

impl<T: ArrowPrimitiveType> Numbers<'_, T> {
    pub(super) fn get(&self, row: usize) -> Option<T::Native> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

impl Numbers<'_, Int64Type> {
    pub(super) fn count(&self, row: usize) -> Option<u64> {
        self.get(row).map(|number| u64::try_from(number).unwrap_or(0))
    }
}

impl Numbers<'_, Int16Type> {
    pub(super) fn status(&self, row: usize) -> Option<u16> {
        self.get(row).and_then(|number| u16::try_from(number).ok())
    }
}

impl Numbers<'_, TimestampMicrosecondType> {
    pub(super) fn time(&self, row: usize) -> Option<Timestamp> {
        self.get(row)
            .and_then(|micros| Timestamp::from_microsecond(micros).ok())
    }
}
