//! Series made ready to be drawn: sorted, bounded, and put upon each other.

use std::collections::{BTreeMap, BTreeSet};

use spacewatch_model::{TimeRange, Timestamp};

use super::{Series, SeriesKind, TimeChart};
use crate::palette::{Colour, Ink, Palette};
use crate::scale::drawable;
use crate::time_axis::step_between;

const MAX_SERIES: usize = 8;
/// As many moments as the largest picture is wide.
const MAX_MOMENTS: usize = 4000;

pub(super) struct Layers {
    pub(super) layers: Vec<Layer>,
    /// The moments of all points, sorted, in milliseconds.
    pub(super) moments: Vec<i64>,
    /// How long a period is, in milliseconds.
    pub(super) step: i64,
    /// What a reader must know about what isn't shown.
    pub(super) left_out: Option<String>,
}

/// A series that knows where it stands.
pub(super) struct Layer {
    pub(super) kind: SeriesKind,
    ink: Ink,
    place: usize,
    /// In order of time. `None` is a gap.
    pub(super) points: Vec<Option<Extent>>,
}

/// From where to where a value reaches.
pub(super) struct Extent {
    pub(super) moment: i64,
    pub(super) low: f64,
    pub(super) high: f64,
}

type Values = BTreeMap<i64, Option<f64>>;

impl Layers {
    pub(super) fn of(chart: &TimeChart) -> Self {
        let shown = chart.series.iter().take(MAX_SERIES);
        let mut values: Vec<Values> = shown.clone().map(|series| values(series, chart.range)).collect();
        let known = values.iter().flatten().filter(|(_, value)| value.is_some());
        let all: BTreeSet<i64> = known.map(|(moment, _)| *moment).collect();
        let too_many = all.len().saturating_sub(MAX_MOMENTS);
        let moments: Vec<i64> = all.iter().copied().skip(too_many).collect();
        if let Some(first) = moments.first().filter(|_| too_many > 0) {
            values = values
                .into_iter()
                .map(|mut values| values.split_off(first))
                .collect();
        }
        let mut below = BTreeMap::new();
        let layers = shown.zip(values).enumerate().map(|(place, (series, values))| {
            let points = if chart.stacked && series.kind != SeriesKind::Line {
                stacked(&values, &moments, &mut below)
            } else {
                values
                    .into_iter()
                    .map(|(moment, high)| {
                        Some(Extent {
                            moment,
                            low: 0.0,
                            high: high?,
                        })
                    })
                    .collect()
            };
            Layer {
                kind: series.kind,
                ink: series.ink,
                place,
                points,
            }
        });
        let left_out = [
            (too_many > 0).then(|| format!("the newest {MAX_MOMENTS} of {} points in time shown", all.len())),
            (chart.series.len() > MAX_SERIES)
                .then(|| format!("{MAX_SERIES} of {} series shown", chart.series.len())),
        ];
        let left_out = left_out.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Self {
            layers: layers.collect(),
            step: step_between(chart.step, &moments),
            moments,
            left_out: (!left_out.is_empty()).then_some(left_out),
        }
    }

    pub(super) fn greatest(&self) -> f64 {
        let extents = self.layers.iter().flat_map(|layer| layer.points.iter().flatten());
        extents.map(|extent| extent.high).fold(0.0, f64::max)
    }
}

impl Layer {
    pub(super) fn colour(&self, palette: &Palette) -> Colour {
        palette.ink(self.ink, self.place)
    }
}

fn values(series: &Series, range: TimeRange) -> Values {
    let within = |moment: Timestamp| {
        range.from.is_none_or(|from| from <= moment) && range.to.is_none_or(|to| moment <= to)
    };
    let points = series.points.iter().filter(|(moment, _)| within(*moment));
    points
        .map(|(moment, value)| (moment.as_millisecond(), value.and_then(drawable)))
        .collect()
}

/// Puts values upon those below them. At moments that others have and this one hasn't, it is nothing.
fn stacked(values: &Values, moments: &[i64], below: &mut BTreeMap<i64, f64>) -> Vec<Option<Extent>> {
    let on_top = |moment: &i64| {
        let low = below.entry(*moment).or_insert(0.0);
        let high = *low + values.get(moment).copied().flatten().unwrap_or(0.0);
        let extent = Extent {
            moment: *moment,
            low: *low,
            high,
        };
        *low = high;
        Some(extent)
    };
    moments.iter().map(on_top).collect()
}
