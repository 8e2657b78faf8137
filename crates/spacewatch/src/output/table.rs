//! Aligned columns. The last one may be long: on a terminal it is cut in its middle, elsewhere never.

use std::fmt::Write;

use console::{Style, measure_text_width, pad_str};
use spacewatch_model::OneLine;

/// Blanks between two columns.
const GAP: usize = 2;

/// The last column keeps this width however narrow the terminal is.
const LEAST_LAST: usize = 24;

/// On which side a column's texts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows under a head.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    least_widths: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these heads.
    pub(crate) fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|(head, align)| (OneLine(head).to_string(), *align))
                .collect(),
            least_widths: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Widths that columns have at least, so that tables printed one after the other align.
    pub(crate) fn with_least_widths(self, widths: &[usize]) -> Self {
        Self {
            least_widths: widths.to_vec(),
            ..self
        }
    }

    /// Adds a row. What it says may come from outside: control characters are escaped.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows
            .push(cells.iter().map(|cell| OneLine(cell).to_string()).collect());
    }

    /// The head and the rows.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let heads: Vec<_> = self.columns.iter().map(|(head, _)| head.clone()).collect();
        let style = Style::new().dim();
        let head = style.apply_to(self.line(&heads, &widths)).to_string();
        format!("{head}\n{}", self.render_rows(width))
    }

    /// The rows without a head, to go on below a table already printed.
    pub(crate) fn render_rows(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let mut text = String::new();
        for row in &self.rows {
            let _ = writeln!(text, "{}", self.line(row, &widths));
        }
        text
    }

    fn widths(&self, terminal: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<_> = self
            .columns
            .iter()
            .map(|(head, _)| measure_text_width(head))
            .collect();
        for (width, least) in widths.iter_mut().zip(&self.least_widths) {
            *width = (*width).max(*least);
        }
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(measure_text_width(cell));
            }
        }
        let before: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum();
        if let (Some(terminal), Some(last)) = (terminal, widths.last_mut()) {
            *last = (*last).min(terminal.saturating_sub(before).max(LEAST_LAST));
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (((_, align), cell), width) in self.columns.iter().zip(cells).zip(widths) {
            let align = match align {
                Align::Left => console::Alignment::Left,
                Align::Right => console::Alignment::Right,
            };
            line.push_str(&pad_str(&cut_middle(cell, *width), *width, align, None));
            line.push_str(&" ".repeat(GAP));
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// The text in at most `width` columns, with `…` for its middle: the end of a key says more than its middle.
fn cut_middle(text: &str, width: usize) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let head = take_columns(text.chars(), room / 2);
    let tail: String = take_columns(text.chars().rev(), room - room / 2)
        .chars()
        .rev()
        .collect();
    format!("{head}…{tail}")
}

fn take_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut taken = String::new();
    let mut used = 0;
    for c in characters {
        used += measure_text_width(c.encode_utf8(&mut [0; 4]));
        if used > columns {
            break;
        }
        taken.push(c);
    }
    taken
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(width: Option<usize>, expected: Expect) {
        let mut table = Table::new(&[("SIZE", Align::Right), ("KEY", Align::Left)]);
        table.row(vec![
            "1.21 GiB".to_owned(),
            "images/2026/january/holiday/cat.jpg".to_owned(),
        ]);
        table.row(vec!["5 B".to_owned(), "a\x1b[31m\nb".to_owned()]);
        table.row(vec![
            "0 B".to_owned(),
            "写真/猫の写真がたくさんある場所/一.jpg".to_owned(),
        ]);
        expected.assert_eq(&table.render_rows(width));
    }

    #[test]
    fn columns() {
        check(
            None,
            expect![[r#"
                1.21 GiB  images/2026/january/holiday/cat.jpg
                     5 B  a\u{1b}[31m\nb
                     0 B  写真/猫の写真がたくさんある場所/一.jpg
            "#]],
        );
        check(
            Some(40),
            expect![[r#"
                1.21 GiB  images/2026/ja…holiday/cat.jpg
                     5 B  a\u{1b}[31m\nb
                     0 B  写真/猫の写真…ある場所/一.jpg
            "#]],
        );
        check(
            Some(1),
            expect![[r#"
            1.21 GiB  images/2026…iday/cat.jpg
                 5 B  a\u{1b}[31m\nb
                 0 B  写真/猫の写…場所/一.jpg
        "#]],
        );
    }
}
