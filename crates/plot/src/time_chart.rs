//! Lines, areas and bars over time.

mod layers;

use std::time::Duration;

use spacewatch_model::{TimeRange, Timestamp};

use crate::caption::Caption;
use crate::frame::Frame;
use crate::palette::{Ink, Theme};
use crate::scale::Scale;
use crate::scene::{Area, Mark, Point, Scene};
use crate::size::Size;
use crate::time_axis::{LABELS, TimeAxis};
use crate::unit::Unit;
use layers::{Extent, Layer, Layers};

/// One or more series over time, in UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeChart {
    /// The words around it.
    pub caption: Caption,
    /// What the values count.
    pub unit: Unit,
    /// What is shown; at most eight, and the newest 4,000 moments of them.
    pub series: Vec<Series>,
    /// Whether areas and bars stand upon each other, as the parts of a whole. An absent part counts as nothing.
    pub stacked: bool,
    /// The time that the axis spans; an open end is that of the points. Points outside aren't shown.
    pub range: TimeRange,
    /// How long a point's period is. Where the next point comes later than that, a line has a gap. Without it
    /// only absent values are gaps.
    pub step: Option<Duration>,
    /// From here on the values may still grow: that part is shaded.
    pub incomplete_from: Option<Timestamp>,
}

/// A name and its values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Values at the beginnings of their periods, in any order. `None` is a gap.
    pub points: Vec<(Timestamp, Option<f64>)>,
    /// How it is drawn.
    pub kind: SeriesKind,
    /// Its colour.
    pub ink: Ink,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SeriesKind {
    /// A line from point to point.
    #[default]
    Line,
    /// The surface below such a line.
    Area,
    /// A bar for each period.
    Bar,
}

impl TimeChart {
    /// A chart without series, to be filled.
    pub fn new(caption: Caption, unit: Unit) -> Self {
        Self {
            caption,
            unit,
            series: Vec::new(),
            stacked: false,
            range: TimeRange::ALWAYS,
            step: None,
            incomplete_from: None,
        }
    }

    pub(crate) fn scene(&self, size: Size, theme: Theme) -> Scene {
        let layers = Layers::of(self);
        let mut frame = Frame::new(&self.caption, size, theme, layers.left_out.clone());
        let Some((first, last)) = layers
            .moments
            .first()
            .copied()
            .zip(layers.moments.last().copied())
        else {
            return frame.empty(&self.caption.empty);
        };
        if self.series.len() > 1 {
            let named = layers.layers.iter().zip(&self.series);
            let entries: Vec<_> = named
                .map(|(layer, series)| (series.name.clone(), layer.colour(frame.palette)))
                .collect();
            frame.legend(&entries);
        }
        frame.room.height = (frame.room.height - LABELS).max(1.0);
        let scale = frame.value_axis(layers.greatest(), self.unit);
        let bars = layers.layers.iter().any(|layer| layer.kind == SeriesKind::Bar);
        let axis = TimeAxis::new(
            self.range,
            first,
            if bars {
                last.saturating_add(layers.step)
            } else {
                last
            },
        );
        axis.draw(&mut frame, false);
        if let Some(from) = self.incomplete_from {
            shade(&mut frame, &axis, from);
        }
        let room = frame.room;
        let mut pen = Pen {
            frame,
            room,
            axis,
            scale,
            gap: self.step.map(|_| layers.step + layers.step / 2),
        };
        pen.bars(&layers, self.stacked);
        for layer in &layers.layers {
            match layer.kind {
                SeriesKind::Bar => {}
                SeriesKind::Area if self.stacked => pen.surface(layer, 0.9, 1.0),
                SeriesKind::Area => pen.surface(layer, 0.2, 2.0),
                SeriesKind::Line => pen.line(layer, 2.0),
            }
        }
        pen.frame.scene
    }
}

fn shade(frame: &mut Frame, axis: &TimeAxis, from: Timestamp) {
    let room = frame.room;
    let left = room.x + axis.place(from.as_millisecond()).clamp(0.0, 1.0) * room.width;
    let corners = [
        (left, room.y),
        (room.right(), room.y),
        (room.right(), room.bottom()),
        (left, room.bottom()),
    ];
    let points = corners.map(|(x, y)| Point { x, y }).to_vec();
    frame.scene.marks.push(Mark::Surface {
        points,
        fill: frame.palette.axis,
        opacity: 0.2,
    });
}

/// Draws layers into the room between the axes.
struct Pen {
    frame: Frame,
    room: Area,
    axis: TimeAxis,
    scale: Scale,
    /// Points that are farther apart aren't joined.
    gap: Option<i64>,
}

impl Pen {
    fn at(&self, moment: i64, value: f64) -> Point {
        Point {
            x: self.room.x + self.axis.place(moment) * self.room.width,
            y: self.room.bottom() - self.scale.place(value) * self.room.height,
        }
    }

    fn runs<'a>(&self, layer: &'a Layer) -> Vec<Vec<&'a Extent>> {
        let mut runs: Vec<Vec<&Extent>> = Vec::new();
        let mut joined = false;
        for point in &layer.points {
            let Some(extent) = point else {
                joined = false;
                continue;
            };
            let before = runs
                .last()
                .and_then(|run| run.last())
                .map(|before| extent.moment - before.moment);
            joined &= before.is_some_and(|before| self.gap.is_none_or(|gap| before <= gap));
            match runs.last_mut() {
                Some(run) if joined => run.push(extent),
                _ => runs.push(vec![extent]),
            }
            joined = true;
        }
        runs
    }

    fn line(&mut self, layer: &Layer, width: f64) {
        let colour = layer.colour(self.frame.palette);
        for run in self.runs(layer) {
            let points: Vec<_> = run
                .iter()
                .map(|extent| self.at(extent.moment, extent.high))
                .collect();
            let mark = match points.as_slice() {
                [at] => Mark::Dot {
                    at: *at,
                    radius: 2.5,
                    fill: colour,
                },
                _ => Mark::Line {
                    points,
                    stroke: colour,
                    width,
                },
            };
            self.frame.scene.marks.push(mark);
        }
    }

    fn surface(&mut self, layer: &Layer, opacity: f64, width: f64) {
        let fill = layer.colour(self.frame.palette);
        for run in self.runs(layer) {
            let high = run.iter().map(|extent| self.at(extent.moment, extent.high));
            let low = run.iter().rev().map(|extent| self.at(extent.moment, extent.low));
            let points: Vec<_> = high.chain(low).collect();
            self.frame.scene.marks.push(Mark::Surface {
                points,
                fill,
                opacity,
            });
        }
        self.line(layer, width);
    }

    fn bars(&mut self, layers: &Layers, stacked: bool) {
        let bars: Vec<_> = layers
            .layers
            .iter()
            .filter(|layer| layer.kind == SeriesKind::Bar)
            .collect();
        let lanes = if stacked { 1.0 } else { bars.len() as f64 };
        for (nth, layer) in bars.into_iter().enumerate() {
            let fill = layer.colour(self.frame.palette);
            let lane = if stacked { 0.0 } else { nth as f64 };
            for extent in layer.points.iter().flatten() {
                let begin = self.at(extent.moment, extent.high);
                let end = self.at(extent.moment.saturating_add(layers.step), extent.low);
                let wide = (end.x - begin.x) / lanes;
                let x = (begin.x + wide * lane).max(self.room.x);
                let right = (begin.x + wide * (lane + 1.0)).min(self.room.right());
                let space = if wide > 4.0 { 1.0 } else { 0.0 };
                // Whole pixels, so that no line of the ground shows between parts; but what is small stays there.
                let small = end.y - begin.y < 1.0;
                let (y, bottom) = if small {
                    (begin.y, end.y)
                } else {
                    (begin.y.round(), end.y.round())
                };
                let bar = Area {
                    x,
                    y,
                    width: (right - x - space).max(0.3),
                    height: bottom - y,
                };
                self.frame.scene.block(bar, fill);
            }
        }
    }
}
