"""The fine part of the registration, done by elastix (extra `locate`)."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import LocateError
from napari_vascular_loop.domain.registration import lays_a_head
from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.locate.fossa import FOSSA_CENTRE_MM, FOSSA_HALF_MM
from napari_vascular_loop.locate.likeness import around

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

NEEDS_EXTRA = 'finding structures needs itk-elastix, which is not installed: pip install "napari-vascular-loop[locate]"'
_PAD = 8
_THREADS = 2
_BRAIN_CENTRE_MM, _BRAIN_HALF_MM = np.array([0.0, -18.0, 5.0]), np.array([80.0, 103.0, 92.0])
_LOWEST_MM = -68.0
_LEAST_VOXELS = 2000

_PARAMETERS = {
    "Registration": ["MultiResolutionRegistration"],
    "FixedInternalImagePixelType": ["float"],
    "MovingInternalImagePixelType": ["float"],
    "FixedImagePyramid": ["FixedSmoothingImagePyramid"],
    "MovingImagePyramid": ["MovingSmoothingImagePyramid"],
    "NumberOfResolutions": ["1"],
    "FixedImagePyramidSchedule": ["0", "0", "0"],
    "MovingImagePyramidSchedule": ["0", "0", "0"],
    "Interpolator": ["LinearInterpolator"],
    "ResampleInterpolator": ["FinalLinearInterpolator"],
    "Resampler": ["DefaultResampler"],
    "AutomaticScalesEstimation": ["true"],
    "AutomaticTransformInitialization": ["false"],
    "HowToCombineTransforms": ["Compose"],
    "Metric": ["AdvancedMattesMutualInformation"],
    "NumberOfHistogramBins": ["32"],
    "Optimizer": ["AdaptiveStochasticGradientDescent"],
    "ImageSampler": ["RandomCoordinate"],
    "NumberOfSpatialSamples": ["3000"],
    "NewSamplesEveryIteration": ["true"],
    "RandomSeed": ["1"],
    "RequiredRatioOfValidSamples": ["0.05"],
    "ErodeMask": ["false"],
    "WriteResultImage": ["false"],
}


class Freedom(enum.Enum):
    """What a step may do to a head: turn, shift and resize it, or stretch and shear it, too."""

    SIMILARITY = "SimilarityTransform"
    AFFINE = "AffineTransform"


_ITERATIONS = {Freedom.SIMILARITY: 100, Freedom.AFFINE: 250}
"""Seven numbers are found sooner than twelve."""


def load() -> Any:
    """Load elastix, which takes some seconds the first time.

    Raises
    ------
    LocateError
        If it is not installed.
    """
    try:
        import itk

        _ = itk.ElastixRegistrationMethod
    except (ImportError, AttributeError) as error:
        raise LocateError(NEEDS_EXTRA) from error
    itk.MultiThreaderBase.SetGlobalDefaultNumberOfThreads(_THREADS)
    return itk


def brain_of(scan: Head, scan_to_atlas: FloatArray) -> npt.NDArray[np.bool_]:
    """Where in a scan the atlas' brain lies, with its coverings."""
    places = _atlas_places(scan, scan_to_atlas)
    ball = zip(places, _BRAIN_CENTRE_MM, _BRAIN_HALF_MM, strict=True)
    near = sum(((place - centre) / half) ** 2 for place, centre, half in ball) < 1
    return np.asarray(near & (places[2] > _LOWEST_MM) & _seen(scan))


def fossa_of(scan: Head, scan_to_atlas: FloatArray) -> npt.NDArray[np.bool_]:
    """Where in a scan the box around the brainstem lies."""
    seen = _seen(scan)
    for place, centre, half in zip(_atlas_places(scan, scan_to_atlas), FOSSA_CENTRE_MM, FOSSA_HALF_MM, strict=True):
        seen &= np.abs(place - centre) < half
    return seen


def _seen(scan: Head) -> npt.NDArray[np.bool_]:
    """Where a scan shows something; a brain that was cut out, with a rim: its outline tells where it is."""
    return around(scan) if scan.is_stripped else scan.inside.copy()


def refine(
    scan: Head, atlas: Head, scan_to_atlas: FloatArray, mask: npt.NDArray[np.bool_], freedom: Freedom
) -> FloatArray | None:
    """Go on from a start near the truth, up the mutual information (Mattes) of scan and atlas.

    Parameters
    ----------
    scan, atlas : Head
        To be laid over each other.
    scan_to_atlas : array of shape (4, 4)
        The start.
    mask : array of bool, shape of the scan
        What is looked at.
    freedom : Freedom
        What may be done to the head.

    Returns
    -------
    array of shape (4, 4) or None
        From the scan's RAS mm to the atlas'. None where there is too little to look at, or elastix gave up.
    """
    from scipy.ndimage import affine_transform, find_objects

    if int(mask.sum()) < _LEAST_VOXELS:
        return None
    itk = load()
    spacing, ratio = scan.spacing_mm, scan.spacing_mm / atlas.spacing_mm
    # Nothing beyond the mask's box is asked for.
    (box,) = find_objects(mask.astype(np.uint8))
    values, mask = scan.values[box], mask[box]
    origin = scan.origin_ras_mm + spacing * np.array([side.start for side in box])
    low = origin - _PAD * spacing
    offset = (scan_to_atlas[:3, :3] @ low + scan_to_atlas[:3, 3] - atlas.origin_ras_mm) / atlas.spacing_mm
    shape = tuple(n + 2 * _PAD for n in values.shape)
    # The atlas is laid onto the scan first, so that elastix begins with no transform at all.
    laid = affine_transform(atlas.values, scan_to_atlas[:3, :3] * ratio, offset, output_shape=shape, order=1)
    method = itk.ElastixRegistrationMethod.New(_image(itk, values, origin, spacing), _image(itk, laid, low, spacing))
    method.SetFixedMask(_image(itk, mask.astype(np.uint8), origin, spacing))
    parameters = itk.ParameterObject.New()
    steps = {"Transform": [freedom.value], "MaximumNumberOfIterations": [str(_ITERATIONS[freedom])]}
    parameters.AddParameterMap(_PARAMETERS | steps)
    method.SetParameterObject(parameters)
    method.SetLogToConsole(False)
    method.SetNumberOfThreads(_THREADS)
    try:
        method.UpdateLargestPossibleRegion()
    except RuntimeError:
        return None
    found = method.GetTransformParameterObject().GetParameterMap(0)
    numbers = np.array([float(one) for one in found["TransformParameters"]])
    centre = np.array([float(one) for one in found["CenterOfRotationPoint"]])
    linear, shift = _taken_apart(numbers, freedom)
    moved = np.eye(4)
    moved[:3, :3] = linear
    moved[:3, 3] = shift + centre - linear @ centre
    result = scan_to_atlas @ moved
    # It may end in a head that is mirrored or flat: then nothing was found.
    return result if lays_a_head(result) else None


def _taken_apart(numbers: FloatArray, freedom: Freedom) -> tuple[FloatArray, FloatArray]:
    """Matrix, shape (3, 3), and shift in mm, shape (3,), of a transform's numbers as elastix orders them."""
    if freedom is Freedom.AFFINE:
        return numbers[:9].reshape(3, 3), numbers[9:]
    from scipy.spatial.transform import Rotation

    # Vector part of the quaternion that turns, shift, scale.
    scalar = np.sqrt(max(0.0, 1 - float(numbers[:3] @ numbers[:3])))
    turn = Rotation.from_quat([*numbers[:3], scalar]).as_matrix()
    return np.asarray(numbers[6] * turn), numbers[3:6]


def _atlas_places(scan: Head, scan_to_atlas: FloatArray) -> list[FloatArray]:
    """Where each voxel's centre lies, three arrays of the shape of the scan, in the atlas' RAS mm."""
    linear = scan_to_atlas[:3, :3] * scan.spacing_mm
    first = transform_points(scan_to_atlas, scan.origin_ras_mm)
    i, j, k = np.ogrid[tuple(slice(n) for n in scan.values.shape)]
    return [linear[axis, 0] * i + linear[axis, 1] * j + (linear[axis, 2] * k + first[axis]) for axis in range(3)]


def _image(itk: Any, values: npt.NDArray[Any], origin_ras_mm: FloatArray, spacing_mm: float) -> Any:
    """Give an image whose physical space is RAS mm: both images are, so that nothing is ever turned to LPS."""
    kind = np.uint8 if values.dtype == np.uint8 else np.float32
    image = itk.image_from_array(np.ascontiguousarray(values.transpose(2, 1, 0), dtype=kind))
    image.SetOrigin([float(one) for one in origin_ras_mm])
    image.SetSpacing([spacing_mm] * 3)
    return image
