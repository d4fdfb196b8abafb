"""A lesson as one offline web page: article, slices, marks, tour and quiz. Knows neither Qt nor napari."""
