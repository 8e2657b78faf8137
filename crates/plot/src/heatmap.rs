//! Classes over time, by colour: how long answers took, for example.

use std::collections::BTreeMap;
use std::time::Duration;

use spacewatch_model::{TimeRange, Timestamp};

use crate::caption::Caption;
use crate::font::{Weight, width};
use crate::frame::{Frame, LETTER};
use crate::label::fit;
use crate::palette::Theme;
use crate::scale::drawable;
use crate::scene::{Anchor, Area, Scene};
use crate::size::Size;
use crate::time_axis::{LABELS, TimeAxis, step_between};
use crate::unit::Unit;

const MAX_ROWS: usize = 60;
const MAX_COLUMNS: usize = 1000;

/// A row for each class, a column for each period, a colour for how much there is. Colours grow with the
/// logarithm, so that the rare stays visible beside the frequent.
#[derive(Debug, Clone, PartialEq)]
pub struct Heatmap {
    /// The words around it.
    pub caption: Caption,
    /// What the values count.
    pub unit: Unit,
    /// The names of the classes, from the bottom; at most sixty.
    pub rows: Vec<String>,
    /// The beginning of each period, and a value for each class from the bottom. `None` is a gap. The newest
    /// thousand periods are shown.
    pub columns: Vec<(Timestamp, Vec<Option<f64>>)>,
    /// How long a period is. Without it, as long as the shortest time between two.
    pub step: Option<Duration>,
}

impl Heatmap {
    pub(crate) fn scene(&self, size: Size, theme: Theme) -> Scene {
        let columns: BTreeMap<i64, &[Option<f64>]> = self
            .columns
            .iter()
            .map(|(begin, values)| (begin.as_millisecond(), values.as_slice()))
            .collect();
        let too_many = columns.len().saturating_sub(MAX_COLUMNS);
        let columns: Vec<_> = columns.into_iter().skip(too_many).collect();
        let rows = self.rows.get(..MAX_ROWS).unwrap_or(&self.rows);
        let known = columns
            .iter()
            .flat_map(|(_, values)| values.iter().take(rows.len()));
        let greatest = known
            .filter_map(|value| value.and_then(drawable))
            .reduce(f64::max);
        let mut frame = Frame::new(&self.caption, size, theme, self.left_out(too_many));
        let (Some(greatest), Some((first, _)), Some((last, _))) = (greatest, columns.first(), columns.last())
        else {
            return frame.empty(&self.caption.empty);
        };
        self.ramp(&mut frame, greatest);
        frame.room.height = (frame.room.height - LABELS).max(1.0);
        let pitch = name_rows(&mut frame, rows);
        let moments: Vec<_> = columns.iter().map(|(moment, _)| *moment).collect();
        let step = step_between(self.step, &moments);
        let axis = TimeAxis::new(TimeRange::ALWAYS, *first, last.saturating_add(step));
        let room = frame.room;
        for (moment, values) in &columns {
            let x = room.x + axis.place(*moment) * room.width;
            let right = room.x + axis.place(moment.saturating_add(step)).min(1.0) * room.width;
            let (x, right) = whole_pixels(x, right);
            for (nth, value) in values.iter().take(rows.len()).enumerate() {
                let Some(value) = value.and_then(drawable) else {
                    continue;
                };
                let below = room.bottom() - nth as f64 * pitch;
                let (y, bottom) = whole_pixels(below - pitch, below);
                let cell = Area {
                    x,
                    y,
                    width: right - x,
                    height: bottom - y,
                };
                let colour = match value {
                    0.0 => frame.palette.track,
                    _ => frame.palette.heat(strength(value, greatest)),
                };
                frame.scene.block(cell, colour);
            }
        }
        axis.draw(&mut frame, false);
        frame.scene
    }

    fn left_out(&self, columns: usize) -> Option<String> {
        let columns = (columns > 0).then(|| format!("the newest {MAX_COLUMNS} periods shown"));
        let rows =
            (self.rows.len() > MAX_ROWS).then(|| format!("{MAX_ROWS} of {} rows shown", self.rows.len()));
        let left_out: Vec<_> = columns.into_iter().chain(rows).collect();
        (!left_out.is_empty()).then(|| left_out.join(" · "))
    }

    /// What the colours mean.
    fn ramp(&self, frame: &mut Frame, greatest: f64) {
        let (palette, room) = (frame.palette, frame.room);
        let middle = (greatest.ln_1p() / 2.0).exp_m1().round();
        let steps = 48u8;
        let wide = (room.width * 0.3).min(192.0) / f64::from(steps);
        let left = room.x + 14.0;
        frame.label("0", (room.x, room.y + 10.0), Anchor::Start, palette.muted);
        for step in 0..steps {
            let colour = palette.heat(f64::from(step) / f64::from(steps - 1));
            // Neighbours overlap, so that no line of the ground shows between them.
            let x = left + f64::from(step) * wide;
            frame.scene.block(
                Area {
                    x,
                    y: room.y,
                    width: wide + 0.5,
                    height: 12.0,
                },
                colour,
            );
        }
        let right = left + wide * f64::from(steps);
        let words = format!(
            "{} (middle {}, logarithmic)",
            self.unit.show(greatest),
            self.unit.show(middle)
        );
        let words = fit(&words, room.right() - right - 10.0, LETTER, Weight::Regular);
        frame.label(&words, (right + 8.0, room.y + 10.0), Anchor::Start, palette.muted);
        frame.take_top(26.0);
    }
}

/// Where a cell begins and ends, so that no line of the ground shows between neighbours. What is hardly wider
/// than a pixel stays where it is.
fn whole_pixels(begin: f64, end: f64) -> (f64, f64) {
    if end - begin < 2.0 {
        (begin, end)
    } else {
        (begin.round(), end.round())
    }
}

fn strength(value: f64, greatest: f64) -> f64 {
    if greatest > 0.0 {
        value.ln_1p() / greatest.ln_1p()
    } else {
        0.0
    }
}

/// Names the rows at the left, as many as have room, and answers how high a row is.
fn name_rows(frame: &mut Frame, rows: &[String]) -> f64 {
    let most = frame.room.width * 0.3;
    let names: Vec<_> = rows
        .iter()
        .map(|name| fit(name, most, LETTER, Weight::Regular))
        .collect();
    let widest = names
        .iter()
        .map(|name| width(name, LETTER, Weight::Regular))
        .fold(0.0, f64::max);
    frame.room.x += widest + 10.0;
    frame.room.width = (frame.room.width - widest - 10.0).max(1.0);
    let room = frame.room;
    let pitch = room.height / rows.len().max(1) as f64;
    let mut free = f64::INFINITY;
    for (nth, name) in names.iter().enumerate() {
        let y = room.bottom() - (nth as f64 + 0.5) * pitch;
        if free - y >= 15.0 {
            frame.label(name, (room.x - 8.0, y + 4.0), Anchor::End, frame.palette.muted);
            free = y;
        }
    }
    pitch
}
