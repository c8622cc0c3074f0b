//! Who gets a new lead: the owner of the referral link, else whoever's turn it is.
//!
//! Turns are a weighted round robin by deadlines: with every lead each available member earns their
//! weight, whoever is owed something and would be the first to fall a whole lead behind gets it and
//! pays the sum of the weights. While the same members are available, each has at any moment their
//! proportional share of the leads to within one (the windows of "Pfair" scheduling: Baruah, Cohen,
//! Plaxton and Varvel, 1996). Who is away earns nothing and owes nothing.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{BranchId, FieldInvalid, Invalid, UserId};

/// More people than this are several teams.
pub const MAX_MEMBERS: usize = 200;
/// The largest weight.
pub const MAX_WEIGHT: u16 = 100;

/// Whether somebody can take a lead now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Can. Also the state of those whose presence nobody reports.
    #[default]
    Available,
    /// Signed in, but on a break or at other work.
    Away,
    /// Not there.
    Offline,
}

/// One person who takes leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their share beside the others' weights: 1 to 100.
    #[serde(default = "Member::usual_weight")]
    #[schema(minimum = 1, maximum = 100, default = 1)]
    pub weight: u16,
    /// How many open leads they can hold; absent for any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Whether they can take one now.
    #[serde(default)]
    pub presence: Presence,
    /// The branches whose leads they take; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchId>,
    /// How many open leads they hold.
    #[serde(default)]
    pub open: u32,
    /// How many they were given, ever.
    #[serde(default)]
    pub assigned: u64,
    /// What the rotation owes them, in weights. Its own book-keeping.
    #[serde(default)]
    credit: i64,
}

impl Member {
    /// A member with weight 1, without a limit, available, for all branches.
    pub const fn new(user: UserId) -> Self {
        Self {
            user,
            weight: Self::usual_weight(),
            capacity: None,
            presence: Presence::Available,
            branches: Vec::new(),
            open: 0,
            assigned: 0,
            credit: 0,
        }
    }

    const fn usual_weight() -> u16 {
        1
    }

    fn outcome(&self, request: &Request) -> Outcome {
        let elsewhere = |branch| !self.branches.is_empty() && !self.branches.contains(&branch);
        if request.branch.is_some_and(elsewhere) {
            Outcome::OtherBranch
        } else if self.presence != Presence::Available {
            Outcome::NotAvailable
        } else if self.capacity.is_some_and(|capacity| self.open >= capacity) {
            Outcome::Full
        } else {
            Outcome::Eligible
        }
    }

    fn take(&mut self) {
        self.open = self.open.saturating_add(1);
        self.assigned = self.assigned.saturating_add(1);
    }
}

/// The people who take leads, in a fixed order, and where the rotation stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Pool(Vec<Member>);

/// What is asked: a person for one lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Request {
    /// Whose referral link brought the lead.
    pub referrer: Option<UserId>,
    /// The branch it belongs to.
    pub branch: Option<BranchId>,
}

/// Who gets the lead and why: everything a log needs to explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    /// Who, if anybody.
    pub user: Option<UserId>,
    /// Why.
    pub reason: AssignmentReason,
    /// Everybody who was looked at, in the order of the pool, and how they stood.
    pub considered: Vec<Considered>,
}

/// Why somebody, or nobody, got a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentReason {
    /// The lead came by their referral link.
    ReferralLink,
    /// It was their turn.
    RoundRobin,
    /// Nobody takes leads.
    EmptyPool,
    /// Nobody who takes leads could take this one.
    NobodyEligible,
}

/// One person and how they stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Considered {
    /// Who.
    pub user: UserId,
    /// How they stood.
    pub outcome: Outcome,
}

/// How somebody stood when a lead was to be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Got it.
    Chosen,
    /// Could have had it, but it was another's turn.
    Eligible,
    /// Away or offline.
    NotAvailable,
    /// Holds as many open leads as they can.
    Full,
    /// Takes no leads of this branch.
    OtherBranch,
    /// Owns the referral link, but takes no leads.
    NotInPool,
}

impl Pool {
    /// A pool of these people. Names everything wrong: weights out of 1 to 100, the same person
    /// twice, more than 200.
    pub fn new(members: Vec<Member>) -> Result<Self, Vec<FieldInvalid>> {
        if members.len() > MAX_MEMBERS {
            let invalid = Invalid::new("too_many", "must hold at most 200 members");
            return Err(vec![FieldInvalid::new("members", invalid)]);
        }
        let mut wrong = Vec::new();
        let mut seen = HashSet::new();
        for (at, member) in members.iter().enumerate() {
            let mut refuse = |field: &str, code, message: &'static str| {
                wrong.push(FieldInvalid::new(format!("members.{at}.{field}"), Invalid::new(code, message)));
            };
            if !seen.insert(member.user) {
                refuse("user", "duplicate", "must be named once");
            }
            if !(1..=MAX_WEIGHT).contains(&member.weight) {
                refuse("weight", "out_of_range", "must be 1 to 100");
            }
        }
        if wrong.is_empty() { Ok(Self(members)) } else { Err(wrong) }
    }

    /// The people, in their order.
    pub fn members(&self) -> &[Member] {
        &self.0
    }

    /// This pool with somebody's presence changed; unchanged if they are not in it.
    #[must_use]
    pub fn with_presence(mut self, user: UserId, presence: Presence) -> Self {
        if let Some(member) = self.member(user) {
            member.presence = presence;
        }
        self
    }

    /// The same people, holding so many open leads each; who is not named holds none.
    #[must_use]
    pub fn holding(mut self, open: &HashMap<UserId, u32>) -> Self {
        for member in &mut self.0 {
            member.open = open.get(&member.user).copied().unwrap_or(0);
        }
        self
    }

    fn member(&mut self, user: UserId) -> Option<&mut Member> {
        self.0.iter_mut().find(|member| member.user == user)
    }
}

/// Decides who gets a lead: the owner of its referral link if they are available and have room, else
/// the next in turn of those who do. The same pool and request give the same decision; the pool that
/// comes back has it counted in. A referral does not use up a turn.
pub fn assign(pool: &Pool, request: &Request) -> (Decision, Pool) {
    let mut pool = pool.clone();
    let mut considered: Vec<Considered> =
        pool.0.iter().map(|member| Considered { user: member.user, outcome: member.outcome(request) }).collect();
    let eligible: Vec<usize> =
        (0..considered.len()).filter(|&at| considered[at].outcome == Outcome::Eligible).collect();

    let referrer = request.referrer.and_then(|user| pool.0.iter().position(|member| member.user == user));
    if let (Some(user), None) = (request.referrer, referrer) {
        considered.push(Considered { user, outcome: Outcome::NotInPool });
    }
    let (chosen, reason) = match referrer.filter(|at| eligible.contains(at)) {
        Some(at) => (Some(at), AssignmentReason::ReferralLink),
        None => match next_in_turn(&mut pool.0, &eligible) {
            Some(at) => (Some(at), AssignmentReason::RoundRobin),
            None if pool.0.is_empty() => (None, AssignmentReason::EmptyPool),
            None => (None, AssignmentReason::NobodyEligible),
        },
    };
    if let Some(at) = chosen {
        pool.0[at].take();
        considered[at].outcome = Outcome::Chosen;
    }
    let user = chosen.map(|at| pool.0[at].user);
    (Decision { user, reason, considered }, pool)
}

/// Gives the turn to one of the eligible members and books it.
fn next_in_turn(members: &mut [Member], eligible: &[usize]) -> Option<usize> {
    let round: i64 = eligible.iter().map(|&at| i64::from(members[at].weight)).sum();
    for &at in eligible {
        let member = &mut members[at];
        // Nobody saves up or owes more than one lead when the company changes.
        member.credit = member.credit.saturating_add(i64::from(member.weight)).clamp(-round, round);
    }
    let chosen = eligible.iter().copied().min_by(|&a, &b| sooner(&members[a], &members[b], round))?;
    members[chosen].credit -= round;
    Some(chosen)
}

/// Those who are owed something come first, the earliest deadline ahead: the time until a whole
/// lead is owed, `(round - credit) / weight`. Ties go by the order of the pool.
fn sooner(a: &Member, b: &Member, round: i64) -> Ordering {
    let in_debt = |member: &Member| member.credit <= 0;
    // Compared crosswise, without division; all factors are below 2^21.
    let left = (round - a.credit) * i64::from(b.weight);
    let right = (round - b.credit) * i64::from(a.weight);
    in_debt(a).cmp(&in_debt(b)).then(left.cmp(&right))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn user(n: usize) -> UserId {
        let second = i64::try_from(n).expect("small");
        UserId::at(Timestamp::from_second(second).expect("time"), [0; 10])
    }

    fn pool(weights: &[u16]) -> Pool {
        let member = |(n, weight): (usize, &u16)| Member { weight: *weight, ..Member::new(user(n)) };
        Pool::new(weights.iter().enumerate().map(member).collect()).expect("pool")
    }

    fn run(mut pool: Pool, leads: usize) -> (Vec<Option<UserId>>, Pool) {
        let mut given = Vec::new();
        for _ in 0..leads {
            let (decision, after) = assign(&pool, &Request::default());
            given.push(decision.user);
            pool = after;
        }
        (given, pool)
    }

    #[test]
    fn equals_take_turns() {
        let (given, _) = run(pool(&[1, 1, 1]), 6);
        assert_eq!(given, [0, 1, 2, 0, 1, 2].map(|n| Some(user(n))));
    }

    #[test]
    fn turns_of_a_heavy_weight_are_spread() {
        let (given, _) = run(pool(&[3, 1]), 8);
        let mine: String = given.iter().map(|who| if *who == Some(user(0)) { 'a' } else { 'b' }).collect();
        assert_eq!(mine.matches('a').count(), 6);
        assert!(!mine.contains("bb") && !mine.contains("aaaa"), "{mine}");
    }

    #[test]
    fn the_owner_of_the_link_comes_first_and_keeps_their_turn() {
        let request = Request { referrer: Some(user(1)), ..Request::default() };
        let (decision, after) = assign(&pool(&[1, 1]), &request);
        assert_eq!((decision.user, decision.reason), (Some(user(1)), AssignmentReason::ReferralLink));
        assert_eq!(after.members()[1].open, 1);
        let (given, _) = run(after, 2);
        assert_eq!(given, [Some(user(0)), Some(user(1))]);
    }

    #[test]
    fn an_owner_who_cannot_take_it_is_passed_over() {
        let request = Request { referrer: Some(user(1)), ..Request::default() };
        let away = pool(&[1, 1]).with_presence(user(1), Presence::Away);
        let (decision, _) = assign(&away, &request);
        assert_eq!((decision.user, decision.reason), (Some(user(0)), AssignmentReason::RoundRobin));
        assert_eq!(decision.considered[1].outcome, Outcome::NotAvailable);

        let stranger = Request { referrer: Some(user(9)), ..Request::default() };
        let (decision, _) = assign(&pool(&[1]), &stranger);
        assert_eq!(decision.considered[1], Considered { user: user(9), outcome: Outcome::NotInPool });
    }

    #[test]
    fn nobody_is_chosen_where_nobody_can() {
        let (decision, after) = assign(&Pool::default(), &Request::default());
        assert_eq!((decision.user, decision.reason), (None, AssignmentReason::EmptyPool));
        assert_eq!(after, Pool::default());

        let offline = pool(&[1]).with_presence(user(0), Presence::Offline);
        let (decision, after) = assign(&offline, &Request::default());
        assert_eq!((decision.user, decision.reason), (None, AssignmentReason::NobodyEligible));
        assert_eq!(after, offline);
    }

    #[test]
    fn a_branch_is_served_by_its_own_people() {
        let branch = |n| BranchId::at(Timestamp::UNIX_EPOCH, [n; 10]);
        let mut members = vec![Member::new(user(0)), Member::new(user(1))];
        members[0].branches = vec![branch(1)];
        let (decision, _) =
            assign(&Pool::new(members).expect("pool"), &Request { branch: Some(branch(2)), referrer: None });
        assert_eq!(decision.user, Some(user(1)));
        assert_eq!(decision.considered[0].outcome, Outcome::OtherBranch);
    }

    #[test]
    fn a_closed_lead_makes_room() {
        let full = Pool::new(vec![Member { capacity: Some(1), ..Member::new(user(0)) }]).expect("pool");
        let (given, after) = run(full, 2);
        assert_eq!(given, [Some(user(0)), None]);
        assert_eq!(run(after.holding(&HashMap::new()), 1).0, [Some(user(0))]);
    }

    #[test]
    fn a_pool_names_everything_wrong_with_it() {
        let members =
            vec![Member { weight: 0, ..Member::new(user(0)) }, Member { weight: 101, ..Member::new(user(0)) }];
        let wrong = Pool::new(members).expect_err("refused");
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, ["members.0.weight", "members.1.user", "members.1.weight"]);
    }

    proptest! {
        #[test]
        fn shares_are_within_one_of_the_weights_at_every_moment(
            weights in prop::collection::vec(1..=MAX_WEIGHT, 1..12), leads in 1..400_usize,
        ) {
            let round: u64 = weights.iter().copied().map(u64::from).sum();
            let mut pool = pool(&weights);
            for lead in 1..=leads {
                pool = assign(&pool, &Request::default()).1;
                for (member, weight) in pool.members().iter().zip(&weights) {
                    let due = lead as u64 * u64::from(*weight);
                    prop_assert!((member.assigned * round).abs_diff(due) < round, "{:?} after {lead}", weights);
                }
            }
        }

        #[test]
        fn nobody_gets_more_than_they_can_hold_or_anything_while_away(
            people in prop::collection::vec((1..=5_u16, prop::option::of(0..6_u32), 0..3_usize), 0..8),
            leads in 0..60_usize,
        ) {
            let members = people.iter().enumerate().map(|(n, (weight, capacity, presence))| Member {
                weight: *weight,
                capacity: *capacity,
                presence: [Presence::Available, Presence::Away, Presence::Offline][*presence],
                ..Member::new(user(n))
            });
            let before = Pool::new(members.collect()).expect("pool");
            let (given, after) = run(before.clone(), leads);
            for member in after.members() {
                prop_assert!(member.capacity.is_none_or(|capacity| member.open <= capacity));
                prop_assert!(member.presence == Presence::Available || member.assigned == 0);
            }
            let counted: u64 = after.members().iter().map(|member| member.assigned).sum();
            prop_assert_eq!(counted, given.iter().flatten().count() as u64);
            prop_assert_eq!(run(before, leads), (given, after));
        }

        #[test]
        fn whoever_comes_back_neither_floods_nor_starves(
            weights in prop::collection::vec(1..=5_u16, 2..6),
            switches in prop::collection::vec((0..6_usize, any::<bool>(), 1..20_usize), 0..20),
        ) {
            let mut pool = pool(&weights);
            for (who, there, leads) in switches {
                let presence = if there { Presence::Available } else { Presence::Away };
                pool = run(pool.with_presence(user(who), presence), leads).1;
            }
            for n in 0..weights.len() {
                pool = pool.with_presence(user(n), Presence::Available);
            }
            let round: usize = weights.iter().copied().map(usize::from).sum();
            let before: Vec<u64> = pool.members().iter().map(|member| member.assigned).collect();
            let (_, after) = run(pool, round * 3);
            for ((member, before), weight) in after.members().iter().zip(before).zip(weights) {
                let got = member.assigned - before;
                let due = u64::from(weight) * 3;
                prop_assert!(got.abs_diff(due) <= 3, "got {got}, due {due}");
            }
        }
    }
}
