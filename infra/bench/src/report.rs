//! Tables for people, and the same as Markdown.

use std::time::Duration;

/// What was measured: printed as it comes, and kept.
pub(crate) struct Report(String);

impl Report {
    pub(crate) fn new(title: &str) -> Self {
        let mut report = Self(String::new());
        report.add(&format!("# {title}\n"));
        report
    }

    pub(crate) fn heading(&mut self, heading: &str) {
        self.add(&format!("\n## {heading}\n"));
    }

    pub(crate) fn note(&mut self, note: &str) {
        self.add(&format!("\n{note}\n"));
    }

    /// A table: the first column is text, the others are figures.
    pub(crate) fn table(&mut self, headers: &[&str], rows: &[Vec<String>]) {
        let widths: Vec<usize> = headers
            .iter()
            .enumerate()
            .map(|(column, header)| {
                let cells = rows.iter().filter_map(|row| row.get(column));
                cells.map(String::as_str).chain([*header]).map(|cell| cell.chars().count()).max().unwrap_or_default()
            })
            .collect();
        let line = |cells: &[&str]| {
            let cells = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                if column == 0 { format!(" {cell:<width$} ") } else { format!(" {cell:>width$} ") }
            });
            format!("|{}|\n", cells.collect::<Vec<_>>().join("|"))
        };
        let rule = widths.iter().enumerate().map(|(column, width)| {
            let dashes = "-".repeat(width + 1);
            if column == 0 { format!("{dashes}-") } else { format!("{dashes}:") }
        });
        let mut table = format!("\n{}|{}|\n", line(headers), rule.collect::<Vec<_>>().join("|"));
        for row in rows {
            table.push_str(&line(&row.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        self.add(&table);
    }

    pub(crate) fn markdown(&self) -> &str {
        &self.0
    }

    #[expect(clippy::print_stdout, reason = "its figures are its purpose")]
    fn add(&mut self, text: &str) {
        print!("{text}");
        self.0.push_str(text);
    }
}

/// A duration in milliseconds, with three figures that count.
pub(crate) fn millis(duration: Duration) -> String {
    figure(duration.as_secs_f64() * 1e3)
}

/// A number with three figures that count, its thousands apart.
pub(crate) fn figure(number: f64) -> String {
    match number {
        small if small < 10.0 => format!("{small:.2}"),
        middling if middling < 100.0 => format!("{middling:.1}"),
        large => {
            let plain = format!("{large:.0}");
            let places = plain.len();
            let apart = plain.chars().enumerate().flat_map(|(place, digit)| {
                let comma = place > 0 && (places - place) % 3 == 0;
                comma.then_some(',').into_iter().chain([digit])
            });
            apart.collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!(
            [0.0, 1.234, 12.34, 123.4, 1234.5, 1_234_567.0].map(figure),
            ["0.00", "1.23", "12.3", "123", "1,234", "1,234,567"]
        );
    }

    #[test]
    fn columns_stand_below_their_headers() {
        let mut report = Report::new("T");
        report.table(&["a", "per s"], &[vec!["long".to_owned(), "1".to_owned()]]);
        assert!(
            report.markdown().ends_with("\n| a    | per s |\n|------|------:|\n| long |     1 |\n"),
            "{}",
            report.markdown()
        );
    }
}
