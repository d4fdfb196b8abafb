"""How ink is drawn: the OpenGL side of the sheets in `ink`.

napari draws an overlay by what is registered for its class. It has no public way to register one; this follows its
own example (`examples/dev/overlays.py`), and is the only module that knows of napari's vispy side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari._vispy.overlays.base import VispyCanvasOverlay, VispySceneOverlay
from napari._vispy.utils.visual import overlay_to_visual
from vispy.gloo import IndexBuffer, Texture2D, VertexBuffer
from vispy.scene.visuals import create_visual_node
from vispy.visuals import Visual

if TYPE_CHECKING:
    from napari_vascular_loop.display.ink import Inked
    from napari_vascular_loop.display.ink_texture import InkTexture

_VERTEX = """
attribute vec3 a_place;
attribute vec2 a_texel;
attribute vec4 a_colour;
uniform vec2 u_size;
varying vec2 v_texel;
varying vec4 v_colour;
void main() {
    v_texel = a_texel / u_size;
    v_colour = a_colour;
    gl_Position = $transform(vec4(a_place, 1.0));
}
"""
_FRAGMENT = """
uniform sampler2D u_ink;
varying vec2 v_texel;
varying vec4 v_colour;
void main() {
    vec4 ink = texture2D(u_ink, v_texel);
    gl_FragColor = vec4(v_colour.rgb * ink.r, v_colour.a * ink.a);
}
"""
_VERTICES = np.dtype([("a_place", np.float32, 3), ("a_texel", np.float32, 2), ("a_colour", np.float32, 4)])
_FACES = np.array([0, 1, 2, 0, 2, 3], np.uint32)
_STEP = 64


class InkVisual(Visual):  # type: ignore[misc]
    """Textured quads in one call."""

    def __init__(self) -> None:
        super().__init__(_VERTEX, _FRAGMENT)
        self._draw_mode = "triangles"
        self._room = self._count = self._indexed = 0
        self._vertices: Any = None
        self._texture: Any = None
        self._shown_texture: InkTexture | None = None
        self._texture_version = 0
        self._make_room(_STEP)
        self.freeze()

    def set_ink(self, inked: Inked | None) -> None:
        """Draw these quads from now on."""
        self._count = 0 if inked is None else len(inked)
        if inked is not None and self._count:
            # The indices are for whole steps, and so change seldom; the vertices that are too many lie at one place.
            room = -(-self._count // _STEP) * _STEP
            self._make_room(room)
            vertices = np.zeros((room, 4), _VERTICES)
            of_quads = vertices[: self._count]
            of_quads["a_place"] = inked.places.reshape(-1, 4, 3)
            of_quads["a_texel"] = inked.texels[:, ::-1].reshape(-1, 4, 2)
            of_quads["a_colour"] = inked.colours[:, None]
            self._vertices.set_subdata(vertices.ravel(), 0)
            self._take_texture(inked.texture)
        self.update()

    def _make_room(self, quads: int) -> None:
        if quads > self._room:
            self._room = max(_STEP, 1 << (quads - 1).bit_length())
            self._vertices = VertexBuffer(np.zeros(4 * self._room, _VERTICES))
            self.shared_program.bind(self._vertices)
        if quads != self._indexed:
            self._indexed = quads
            self._index_buffer = IndexBuffer(_faces(quads))

    def _take_texture(self, texture: InkTexture) -> None:
        """Hand over what is new of the texture."""
        texels = texture.texels
        if self._shown_texture is not texture or self._texture.shape[:2] != texels.shape[:2]:
            self._texture = Texture2D(texels, format="luminance_alpha", interpolation="linear")
            self.shared_program["u_ink"] = self._texture
            self.shared_program["u_size"] = texels.shape[1], texels.shape[0]
        else:
            for rows, columns in texture.changed_since(self._texture_version):
                self._texture.set_data(texels[rows, columns].copy(), offset=(rows.start, columns.start))
        self._shown_texture, self._texture_version = texture, texture.version

    def _prepare_transforms(self, view: Any) -> None:
        view.view_program.vert["transform"] = view.get_transform()

    def _prepare_draw(self, view: Any) -> bool:
        return self._count > 0

    def _compute_bounds(self, axis: int, view: Any) -> None:
        return None


def _faces(quads: int) -> Any:
    return (np.arange(quads, dtype=np.uint32)[:, None] * 4 + _FACES).ravel()


_InkNode = create_visual_node(InkVisual)


class _Follows:
    """Draws what an overlay of ink says."""

    overlay: Any
    node: Any

    def __init__(self, **given: Any) -> None:
        super().__init__(node=_InkNode(), **given)  # type: ignore[call-arg]
        self.overlay.events.inked.connect(self._on_inked)
        self.reset()  # type: ignore[attr-defined]
        self._on_inked()

    def _on_inked(self, _event: Any = None) -> None:
        self.node.set_ink(self.overlay.inked)

    def close(self) -> None:
        self.overlay.events.inked.disconnect(self._on_inked)
        super().close()  # type: ignore[misc]


class _VispySceneInk(_Follows, VispySceneOverlay):  # type: ignore[misc]
    pass


class _VispyCanvasInk(_Follows, VispyCanvasOverlay):  # type: ignore[misc]
    def _on_position_change(self, event: Any = None) -> None:
        """Stay: its ink knows its pixels."""


def register(scene_ink: type, canvas_ink: type) -> None:
    """Tell napari how overlays of these classes are drawn."""
    overlay_to_visual[scene_ink], overlay_to_visual[canvas_ink] = _VispySceneInk, _VispyCanvasInk
