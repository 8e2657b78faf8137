//! Rows as columns.

use std::collections::HashMap;

use crate::any::Any;

/// A table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: usize,
}

/// A column. Rows behind its last cell have nothing in it.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    cells: Vec<Cell>,
}

/// What all cells of a column can be told as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bit,
    Whole,
    Fraction,
    Text,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Nothing,
    Bit(bool),
    Whole(i64),
    Fraction(f64),
    Text(String),
}

impl Cell {
    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Nothing => None,
            Self::Bit(_) => Some(Kind::Bit),
            Self::Whole(_) => Some(Kind::Whole),
            Self::Fraction(_) => Some(Kind::Fraction),
            Self::Text(_) => Some(Kind::Text),
        }
    }

    pub(crate) fn bit(&self) -> Option<bool> {
        match self {
            Self::Bit(bit) => Some(*bit),
            _ => None,
        }
    }

    pub(crate) fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            _ => None,
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a column with fractions holds no exact counts"
    )]
    pub(crate) fn fraction(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Fraction(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Bit(bit) => Some(bit.to_string()),
            Self::Whole(number) => Some(number.to_string()),
            Self::Fraction(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
        }
    }
}

impl Column {
    pub(crate) fn cell(&self, row: usize) -> &Cell {
        self.cells.get(row).unwrap_or(&Cell::Nothing)
    }
}

impl Kind {
    /// What cells of both kinds can be told as.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Whole, Self::Fraction) | (Self::Fraction, Self::Whole) => Self::Fraction,
            _ => Self::Text,
        }
    }
}

impl Table {
    pub(crate) fn of(rows: Vec<Any>) -> Self {
        let mut filling = Filling::default();
        for row in rows {
            filling.field("", row);
            filling.table.rows += 1;
        }
        let mut table = filling.table;
        for column in &mut table.columns {
            let kinds = column.cells.iter().filter_map(Cell::kind);
            column.kind = kinds.reduce(Kind::and).unwrap_or(Kind::Text);
        }
        table
    }
}

#[derive(Default)]
struct Filling {
    table: Table,
    places: HashMap<String, usize>,
}

impl Filling {
    fn field(&mut self, name: &str, value: Any) {
        match value {
            Any::Map(fields) => {
                for (inner, value) in fields {
                    let name = if name.is_empty() {
                        inner
                    } else {
                        format!("{name}.{inner}")
                    };
                    self.field(&name, value);
                }
            }
            list @ Any::List(_) => {
                // What was read from JSON can be written as JSON.
                let text = serde_json::to_string(&list).unwrap_or_default();
                self.cell(name, Cell::Text(text));
            }
            Any::Nothing => self.cell(name, Cell::Nothing),
            Any::Bit(bit) => self.cell(name, Cell::Bit(bit)),
            Any::Whole(number) => self.cell(name, Cell::Whole(number)),
            Any::Fraction(number) => self.cell(name, Cell::Fraction(number)),
            Any::Text(text) => self.cell(name, Cell::Text(text)),
        }
    }

    fn cell(&mut self, name: &str, cell: Cell) {
        let columns = &mut self.table.columns;
        let place = *self.places.entry(name.to_owned()).or_insert_with(|| {
            columns.push(Column {
                name: name.to_owned(),
                kind: Kind::Text,
                cells: Vec::new(),
            });
            columns.len() - 1
        });
        if let Some(column) = columns.get_mut(place) {
            column.cells.resize(self.table.rows, Cell::Nothing);
            column.cells.push(cell);
        }
    }
}
