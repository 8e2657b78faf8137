import type { ECharts } from 'echarts/core';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { dark } from '../state/theme';
import type { Option } from './options';
import { type Palette, readPalette } from './palette';

interface Props {
  /** What the chart shows, in words. */
  readonly summary: string;
  readonly height: number;
  readonly option: (palette: Palette) => Option;
  /** Charts of one group share their cursor. */
  readonly group?: string;
  readonly onPick?: (at: number) => void;
}

type Engine = typeof import('./engine');

/** A chart: made once, told what changed. */
export function Chart({ summary, height, option, group, onPick }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>();
  const pick = useRef(onPick);
  const [engine, setEngine] = useState<Engine>();
  pick.current = onPick;
  useEffect(() => {
    void import('./engine').then(setEngine);
  }, []);
  useEffect(() => {
    if (!engine || !place.current) return;
    const made = engine.init(place.current, null, { renderer: 'canvas' });
    chart.current = made;
    if (group) {
      made.group = group;
      engine.connect(group);
    }
    made.on('click', (event) => pick.current?.(event.dataIndex));
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, [engine, group]);
  const isDark = dark.value;
  useEffect(() => {
    chart.current?.setOption(option(readPalette()), { replaceMerge: ['series'] });
    // The palette follows the theme.
  }, [engine, option, isDark]);
  return <div class="chart" role="img" aria-label={summary} ref={place} style={{ height: `${height}px` }} />;
}
