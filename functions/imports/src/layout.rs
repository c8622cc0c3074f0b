//! Which rows go into which chunk.
//!
//! Rows that may be about the same lead, because they share an identifier or because one lead has
//! identifiers of both, go into one chunk and are done there in the file's order. So chunks can be done
//! side by side, in any order and again, and the leads end as if the file had been read from top to
//! bottom.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::{Claim, LeadId};

/// The identifiers of a file, each once, and the families of rows that share them.
#[derive(Debug)]
pub(crate) struct Families {
    /// Each identifier once, in the order of the rows.
    pub(crate) distinct: Vec<Claim>,
    /// The identifiers of each row, by their places in `distinct`.
    of_row: Vec<Vec<usize>>,
    /// A forest over the rows: the root of a family is its first row.
    parent: Vec<usize>,
}

impl Families {
    /// Of rows with these identifiers.
    pub(crate) fn of(rows: impl IntoIterator<Item = Vec<Claim>>) -> Self {
        let mut families = Self { distinct: Vec::new(), of_row: Vec::new(), parent: Vec::new() };
        let mut first: HashMap<(&'static str, String), (usize, usize)> = HashMap::new();
        for (row, claims) in rows.into_iter().enumerate() {
            families.parent.push(row);
            let mut places = Vec::with_capacity(claims.len());
            for claim in claims {
                match first.entry((claim.field, claim.value.clone())) {
                    Entry::Occupied(known) => {
                        let (place, earlier) = *known.get();
                        places.push(place);
                        families.join(earlier, row);
                    }
                    Entry::Vacant(new) => {
                        let place = families.distinct.len();
                        new.insert((place, row));
                        places.push(place);
                        families.distinct.push(claim);
                    }
                }
            }
            families.of_row.push(places);
        }
        families
    }

    /// Joins the rows that one lead has identifiers of; `holders` are those of [`distinct`](Self::distinct).
    pub(crate) fn join_by_holder(&mut self, holders: &[Option<LeadId>]) {
        let mut first: HashMap<LeadId, usize> = HashMap::new();
        for row in 0..self.of_row.len() {
            for holder in self.holders(row, holders) {
                let earlier = *first.entry(holder).or_insert(row);
                self.join(earlier, row);
            }
        }
    }

    /// The leads that have the row's identifiers, each once.
    pub(crate) fn holders(&self, row: usize, holders: &[Option<LeadId>]) -> Vec<LeadId> {
        let mut found: Vec<LeadId> =
            self.of_row[row].iter().filter_map(|place| holders.get(*place).copied().flatten()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The first row of a row's family.
    pub(crate) fn head(&mut self, row: usize) -> usize {
        let mut head = row;
        while self.parent[head] != head {
            // Halving the path keeps the forest flat.
            self.parent[head] = self.parent[self.parent[head]];
            head = self.parent[head];
        }
        head
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.head(one), self.head(other));
        self.parent[one.max(other)] = one.min(other);
    }

    /// Whether each row has relatives.
    pub(crate) fn shared(&mut self) -> Vec<bool> {
        let heads: Vec<usize> = (0..self.parent.len()).map(|row| self.head(row)).collect();
        let mut sizes = vec![0_usize; heads.len()];
        for head in &heads {
            sizes[*head] += 1;
        }
        heads.iter().map(|head| sizes[*head] > 1).collect()
    }

    /// Chunks of about `size` rows, in the file's order but for relatives, who follow the first of their
    /// family into its chunk, however full it is.
    pub(crate) fn chunks(&mut self, size: usize) -> Vec<Vec<usize>> {
        let mut chunks: Vec<Vec<usize>> = Vec::new();
        let mut chunk_of_head: Vec<usize> = vec![0; self.parent.len()];
        for row in 0..self.parent.len() {
            let head = self.head(row);
            if head == row {
                if chunks.last().is_none_or(|chunk| chunk.len() >= size.max(1)) {
                    chunks.push(Vec::with_capacity(size));
                }
                chunk_of_head[row] = chunks.len() - 1;
            }
            chunks[chunk_of_head[head]].push(row);
        }
        chunks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families(rows: &[&[&str]]) -> Families {
        let claims = |values: &&[&str]| values.iter().map(|value| Claim::new("phone", *value)).collect();
        Families::of(rows.iter().map(claims))
    }

    fn lead(n: u8) -> LeadId {
        LeadId::at(jiff::Timestamp::UNIX_EPOCH, [n; 10])
    }

    #[test]
    fn strangers_keep_the_order_of_the_file() {
        assert_eq!(families(&[&["a"], &["b"], &[], &[], &["c"]]).chunks(2), [vec![0, 1], vec![2, 3], vec![4]]);
        assert!(families(&[]).chunks(2).is_empty());
    }

    #[test]
    fn relatives_share_a_chunk_in_the_order_of_the_file() {
        let mut chained = families(&[&["a"], &["b"], &["c", "b"], &["d"], &["c", "a"]]);
        assert_eq!(chained.chunks(2), [vec![0, 1, 2, 4], vec![3]]);
        assert_eq!(chained.shared(), [true, true, true, false, true]);
    }

    #[test]
    fn rows_of_one_lead_are_relatives_though_they_share_nothing() {
        let mut families = families(&[&["a"], &["b"], &["c"]]);
        let holders = [Some(lead(1)), None, Some(lead(1))];
        families.join_by_holder(&holders);
        assert_eq!(families.chunks(1), [vec![0, 2], vec![1]]);
        assert_eq!(families.holders(2, &holders), [lead(1)]);
    }
}
