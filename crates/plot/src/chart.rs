//! Any chart, and the two ways to draw it.

use crate::bars::BarChart;
use crate::heatmap::Heatmap;
use crate::histogram::Histogram;
use crate::palette::Theme;
use crate::raster::rasterise;
use crate::scene::Scene;
use crate::shares::ShareChart;
use crate::size::Size;
use crate::svg::write_svg;
use crate::time_chart::TimeChart;

/// A chart of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Ranked bars.
    Bars(BarChart),
    /// Lines, areas or bars over time.
    Time(TimeChart),
    /// Classes over time, by colour.
    Heatmap(Heatmap),
    /// How often each class of values occurs.
    Histogram(Histogram),
    /// The parts of a whole.
    Shares(ShareChart),
}

/// A picture that couldn't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The picture doesn't fit into memory.
    #[error("no room for a picture of {width} × {height} pixels")]
    NoRoom {
        /// Its width in pixels.
        width: u16,
        /// Its height in pixels.
        height: u16,
    },
    /// The pixels couldn't be written as PNG.
    #[error("the picture can't be written as PNG")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Chart {
    /// The chart as an SVG document.
    pub fn svg(&self, size: Size, theme: Theme) -> String {
        write_svg(&self.scene(size, theme), size)
    }

    /// The chart as the bytes of a PNG file.
    ///
    /// # Errors
    ///
    /// When there is no memory for the picture.
    pub fn png(&self, size: Size, theme: Theme) -> Result<Vec<u8>, PlotError> {
        rasterise(&self.scene(size, theme), size)
    }

    fn scene(&self, size: Size, theme: Theme) -> Scene {
        match self {
            Self::Bars(chart) => chart.scene(size, theme),
            Self::Time(chart) => chart.scene(size, theme),
            Self::Heatmap(chart) => chart.scene(size, theme),
            Self::Histogram(chart) => chart.scene(size, theme),
            Self::Shares(chart) => chart.scene(size, theme),
        }
    }
}

impl From<BarChart> for Chart {
    fn from(chart: BarChart) -> Self {
        Self::Bars(chart)
    }
}

impl From<TimeChart> for Chart {
    fn from(chart: TimeChart) -> Self {
        Self::Time(chart)
    }
}

impl From<Heatmap> for Chart {
    fn from(chart: Heatmap) -> Self {
        Self::Heatmap(chart)
    }
}

impl From<Histogram> for Chart {
    fn from(chart: Histogram) -> Self {
        Self::Histogram(chart)
    }
}

impl From<ShareChart> for Chart {
    fn from(chart: ShareChart) -> Self {
        Self::Shares(chart)
    }
}
