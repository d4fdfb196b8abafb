"""Article and questions of the lesson on the synthetic head, and which passage is tied to which marks."""

# ruff: noqa: E501 - paragraphs of an article are one line each

ARTICLE = """\
# Contact, indentation, deviation

**The images of this lesson are SYNTHETIC: they were computed. They are not images of a person. For teaching, not for diagnosis.**

There is a tour (press N for the next stop) and a test with questions.

## One head, computed three times

The same head is shown with three grades of compression on its left side. Of each there are two kinds of scan. All places and distances are known exactly, since the images were made from them. When you go to a mark, its image is opened by itself.

The two kinds of scan answer two questions. **CISS** shows where things are: fluid is very bright, and nerves and vessels are dark lines in it. **Time of flight** (TOF) shows what flows: blood that streams in is bright, and a nerve is not.

## Find your way first

Begin at the brainstem. At its sides, between the pons and the medulla below it, ends a groove, the pontomedullary sulcus. The facial nerve comes out there.

For about a centimetre the nerve clings to the pons. Then it crosses the bright fluid to the canal. On the right of this head nothing lies against it: the right side is the control.

Behind it runs the vestibulocochlear nerve, which is nearly twice as thick: 2.1 mm against 1.2 mm. Both vanish into the porus, the mouth of the internal auditory canal, a bright funnel in black bone.

In front of the pons climbs the basilar artery. It is made of the two vertebral arteries, which come up from below and join. In TOF it is the brightest line of all.

AICA leaves the basilar artery, in this head 11 mm above the place where the vertebral arteries join. On the right it passes below the nerve, and the closest distance from wall to wall is 4.7 mm.

## Mild: contact

On the left AICA climbs to the facial nerve, turns in a hairpin and goes back. At the top of the hairpin it touches the nerve. Between the two no bright line is left, but the nerve keeps its shape. From wall to wall the distance is 0.

The place is 5 mm from the sulcus, where the nerve still clings to the pons. At surgery this is the most frequent place: the attached segment was the place of compression in 64 % of 115 patients, the point of detachment in 22 %, the exit from the sulcus in 10 %, and the free part in the cistern in 3 %.

How do you know which dark line is the vessel? Look at the same place in TOF: the loop is bright. The nerve beside it is not.

## Moderate: indentation

Here the vessel makes a dent. The loop lies 0.4 mm deep in the nerve, a third of the nerve's thickness. From middle to middle it is only 0.75 mm, while in mere contact it is 1.15 mm. The nerve has hardly left its course.

TOF alone can't show this. The loop looks the same as in mild contact: without the nerve there is no dent to be seen.

## Severe: deviation

Here the vessel pushes the nerve off its course. The nerve bows backwards and up round the loop, 2.2 mm from where it would run. Compare it with the right side, where the nerve is straight.

Again TOF shows the vessel only. You can't grade a compression without an image of the nerve.

## The grades in figures

Surgeons graded what they saw in 115 patients: contact without a dent (mild) in 27 %, a dent (moderate) in 61 %, a nerve pushed off its course (severe) in 12 %. These are grades of what is seen at surgery. In an image a voxel is about half a millimetre wide, so that contact and a shallow dent are hard to tell apart.

## What this does not mean

**A loop alone proves nothing.** In one study a vessel touched the root exit zone in 13 of 13 patients, but also on 21 % of 140 nerves of people without symptoms. Contact is common in people who have nothing.

A real scan is harder to read than these images. Blood pulses, patients move, fluid streams and makes dark spots, and more than one vessel was involved in 38 % of the patients. Here you see what the words mean; practise on real scans next.

## About the images

Sizes were taken from the literature: facial nerve 1.2 mm, vestibulocochlear nerve 2.1 mm, basilar artery 3.3 mm, vertebral arteries 3.0 mm. The 1.1 mm of AICA are assumed. Voxels are 0.45 mm wide. The blur of partial volume, noise and uneven brightness are computed too. Brain, bone and inner ear are there for orientation: their shapes are simplified.

## Sources

- Campos-Benitez and Kaufmann, J Neurosurg 2008;109:416: vessels, places and grades at surgery in 115 patients.
- Tash and others, AJNR 1991;12:839: vessels at the root exit zone with and without symptoms.
- Neurographics 2015;5, "Imaging Hemifacial Spasm": exit and course of the nerve.
- PubMed 19670628: size of the two nerves in 52 heads.
- JNIS 2013;5:597: width of the vertebral and basilar arteries.
- Ballesteros, Neurol Res 2020;42:828: where AICA leaves the basilar artery (9.9 mm above the junction, give or take 3.2 mm).
"""

OBJECTIVES = (
    "find the facial nerve and the vestibulocochlear nerve in a CISS image, on both sides",
    "follow the anterior inferior cerebellar artery (AICA for short) from the basilar artery to a nerve",
    "tell a vessel from a nerve with the help of time-of-flight images",
    "tell contact, indentation and deviation from each other, and from a side where nothing touches the nerve",
    "say why a loop beside a nerve proves nothing",
)

IMAGING = (
    "One head, computed three times",
    "Find your way first",
    "Mild: contact",
    "Moderate: indentation",
    "Severe: deviation",
    "The grades in figures",
)
"""Headings of what tells of the images."""

QUOTES: dict[str, tuple[str, ...]] = {
    "three grades of compression on its left side": ("contact arrow", "indentation arrow", "deviation arrow"),
    "**CISS** shows where things are: fluid is very bright, and nerves and vessels are dark lines in it.": ("nerve R",),
    "**Time of flight** (TOF) shows what flows: blood that streams in is bright, and a nerve is not.": ("contact tof",),
    "The facial nerve comes out there.": ("sulcus L", "sulcus R"),
    "For about a centimetre the nerve clings to the pons. Then it crosses the bright fluid to the canal.": (
        "contact nerve L",
    ),
    "On the right of this head nothing lies against it: the right side is the control.": ("nerve R",),
    "Behind it runs the vestibulocochlear nerve, which is nearly twice as thick: 2.1 mm against 1.2 mm.": (
        "eighth L",
        "eighth R",
    ),
    "Both vanish into the porus, the mouth of the internal auditory canal, a bright funnel in black bone.": (
        "porus L",
        "porus R",
    ),
    "In front of the pons climbs the basilar artery.": ("basilar",),
    "It is made of the two vertebral arteries, which come up from below and join.": ("vertebral L", "vertebral R"),
    "In TOF it is the brightest line of all.": ("basilar tof",),
    "On the right it passes below the nerve": ("aica R",),
    "the closest distance from wall to wall is 4.7 mm.": ("contact ruler R",),
    "On the left AICA climbs to the facial nerve, turns in a hairpin and goes back.": ("contact aica L",),
    "At the top of the hairpin it touches the nerve. Between the two no bright line is left, but the nerve keeps its shape. From wall to wall the distance is 0.": (
        "contact arrow",
    ),
    "The place is 5 mm from the sulcus, where the nerve still clings to the pons.": ("contact arrow", "sulcus L"),
    "Look at the same place in TOF: the loop is bright. The nerve beside it is not.": ("contact tof",),
    "Here the vessel makes a dent. The loop lies 0.4 mm deep in the nerve, a third of the nerve's thickness.": (
        "indentation arrow",
    ),
    "From middle to middle it is only 0.75 mm, while in mere contact it is 1.15 mm.": ("indentation aica L",),
    "The nerve has hardly left its course.": ("indentation nerve L", "indentation ruler R"),
    "TOF alone can't show this. The loop looks the same as in mild contact: without the nerve there is no dent to be seen.": (
        "indentation tof",
    ),
    "Here the vessel pushes the nerve off its course.": ("deviation arrow", "deviation aica L"),
    "The nerve bows backwards and up round the loop, 2.2 mm from where it would run.": (
        "deviation nerve L",
        "deviation ruler L",
    ),
    "Compare it with the right side, where the nerve is straight.": ("deviation nerve R", "deviation ruler R"),
    "Again TOF shows the vessel only. You can't grade a compression without an image of the nerve.": ("deviation tof",),
    "contact without a dent (mild) in 27 %": ("contact arrow",),
    "a dent (moderate) in 61 %": ("indentation arrow",),
    "a nerve pushed off its course (severe) in 12 %": ("deviation arrow",),
}
"""Words of the article, and the names of the marks that they are tied to."""

QUESTIONS: tuple[tuple[str, str, str, bool], ...] = (
    ("find", "sulcus R", "Where does the right facial nerve come out of the brainstem?", False),
    ("find", "porus L", "Mark the mouth of the left internal auditory canal.", False),
    ("find", "contact arrow", "Where does a vessel touch the facial nerve? One side only.", False),
    ("find", "basilar", "Mark the basilar artery.", False),
    ("find", "aica R", "Mark any place of the right AICA.", False),
    ("name", "contact nerve L", "Which nerve is it, and on which side?", True),
    ("name", "eighth R", "Which nerve is it, and on which side?", True),
    ("name", "contact aica L", "Which artery is it, and on which side?", True),
    ("name", "contact tof", "Time of flight: which artery makes this loop?", False),
    ("name", "vertebral R", "Time of flight: which artery is it, and on which side?", True),
    ("find", "indentation arrow", "In this head a vessel dents a nerve. Where?", False),
    ("find", "deviation arrow", "Which place of a nerve is pushed off its course?", False),
    ("find", "deviation nerve R", "Mark the facial nerve of the side that is not affected.", False),
)
"""Kind, mark, what is asked, and whether the side is asked for."""
