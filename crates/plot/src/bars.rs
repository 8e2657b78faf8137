//! Ranked bars: addresses, keys, requesters, user agents.

use crate::caption::Caption;
use crate::font::{Weight, width};
use crate::frame::{Frame, LETTER};
use crate::label::fit;
use crate::palette::Theme;
use crate::scale::{Scale, drawable};
use crate::scene::{Anchor, Area, Scene};
use crate::size::Size;
use crate::unit::Unit;

const MIN_ROW: f64 = 18.0;
const MAX_ROW: f64 = 56.0;
const MAX_THICK: f64 = 34.0;
/// What is more than nothing can be seen.
const MIN_LONG: f64 = 2.0;
const AXIS: f64 = 22.0;

/// Horizontal bars, one below the other, in the order given.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    /// The words around it.
    pub caption: Caption,
    /// What the values count.
    pub unit: Unit,
    /// The bars, from the top. Those that don't fit are left out.
    pub rows: Vec<Bar>,
}

/// A bar and its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Whose value it is.
    pub label: String,
    /// How much it is.
    pub value: f64,
}

impl Bar {
    /// A bar and its name.
    pub fn new(label: impl Into<String>, value: f64) -> Self {
        Self {
            label: label.into(),
            value,
        }
    }
}

impl BarChart {
    pub(crate) fn scene(&self, size: Size, theme: Theme) -> Scene {
        let total = self.rows.len();
        let plain = Frame::new(&self.caption, size, theme, None);
        if total == 0 {
            return plain.empty(&self.caption.empty);
        }
        let fitting = rows_that_fit(&plain);
        if total <= fitting {
            return draw(plain, &self.rows, self.unit);
        }
        let hint = |shown: usize| Some(format!("{shown} of {total} shown"));
        let fitting = rows_that_fit(&Frame::new(&self.caption, size, theme, hint(fitting)));
        let frame = Frame::new(&self.caption, size, theme, hint(fitting));
        draw(frame, self.rows.get(..fitting).unwrap_or_default(), self.unit)
    }
}

fn rows_that_fit(frame: &Frame) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a picture has room for a few hundred"
    )]
    let rows = ((frame.room.height - AXIS) / MIN_ROW) as usize;
    rows.max(1)
}

/// A bar with its texts, ready to be drawn.
struct Row {
    name: String,
    value: Option<f64>,
    shown: String,
}

impl Row {
    fn of(bar: &Bar, unit: Unit, room: f64) -> Self {
        let value = drawable(bar.value);
        Self {
            name: fit(&bar.label, room, LETTER, Weight::Regular),
            value,
            shown: value.map_or("–".to_owned(), |value| unit.show(value)),
        }
    }
}

fn draw(mut frame: Frame, rows: &[Bar], unit: Unit) -> Scene {
    let room = frame.room;
    let rows: Vec<_> = rows
        .iter()
        .map(|row| Row::of(row, unit, room.width * 0.42))
        .collect();
    let left = room.x + widest(rows.iter().map(|row| &row.name)) + 10.0;
    let pitch = ((room.height - AXIS).max(1.0) / rows.len() as f64).min(MAX_ROW);
    let bars = Area {
        x: left,
        y: room.y,
        width: (room.right() - widest(rows.iter().map(|row| &row.shown)) - 12.0 - left).max(1.0),
        height: pitch * rows.len() as f64,
    };
    let greatest = rows.iter().filter_map(|row| row.value).fold(0.0, f64::max);
    let scale = value_axis_below(&mut frame, bars, greatest, unit);
    let thick = (pitch * 0.68).round().clamp(2.0, MAX_THICK);
    for (nth, row) in rows.iter().enumerate() {
        let y = (bars.y + pitch * nth as f64 + (pitch - thick) / 2.0).round();
        let long = match row.value {
            Some(value) if value > 0.0 => (scale.place(value) * bars.width).max(MIN_LONG),
            _ => 0.0,
        };
        let palette = frame.palette;
        let bar = Area {
            x: bars.x,
            y,
            width: long,
            height: thick,
        };
        frame.scene.block(bar, palette.accent);
        let baseline = y + thick / 2.0 + 4.0;
        frame.label(&row.name, (bars.x - 10.0, baseline), Anchor::End, palette.text);
        let ink = if row.value.is_some() {
            palette.text
        } else {
            palette.muted
        };
        frame.label(&row.shown, (room.right(), baseline), Anchor::End, ink);
    }
    let (top, bottom) = ((bars.x, bars.y), (bars.x, bars.bottom()));
    frame.scene.hairline(top, bottom, frame.palette.axis);
    frame.scene
}

fn widest<'a>(texts: impl Iterator<Item = &'a String>) -> f64 {
    texts
        .map(|text| width(text, LETTER, Weight::Regular))
        .fold(0.0, f64::max)
        .ceil()
}

/// Lines down from round values, named below the bars.
fn value_axis_below(frame: &mut Frame, bars: Area, greatest: f64, unit: Unit) -> Scale {
    let scale = Scale::up_to(greatest, unit, (bars.width / 90.0).clamp(1.0, 8.0));
    for tick in scale.ticks() {
        let x = bars.x + scale.place(tick) * bars.width;
        frame
            .scene
            .hairline((x, bars.y), (x, bars.bottom()), frame.palette.grid);
        frame.label(
            &unit.tick(tick),
            (x, bars.bottom() + 17.0),
            Anchor::Middle,
            frame.palette.muted,
        );
    }
    scale
}
