module Data.Shape (Shape, area, name, circle, square) where

data Shape = Circle Double | Square Double

circle, square :: Double -> Shape
circle = Circle
square = Square

area :: Shape -> Double
area (Circle r) = 3 * r * r
area (Square a) = a * a

name :: Shape -> String
name (Circle _) = "circle"
name (Square _) = "square"
