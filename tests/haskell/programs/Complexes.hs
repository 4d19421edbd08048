-- Complex numbers: a small discrete Fourier transform there and back, polar form, powers.
module Main (main) where

import Data.Complex
import Numeric

main :: IO ()
main = do
  let xs = map (:+ 0) [1, 2, 3, 4, 0, -1, 2.5, 7] :: [Complex Double]
      ys = dft (-1) xs
      zs = map (/ 8) (dft 1 ys)
  mapM_ (putStrLn . showC) ys
  print (and (zipWith (\a b -> magnitude (a - b) < 1e-9) xs zs))
  print (magnitude (3 :+ 4 :: Complex Double), realPart ((1 :+ 2) * (3 :+ (-1)) :: Complex Double), conjugate (1 :+ 2 :: Complex Double))
  putStrLn (showC (mkPolar 2 (pi / 3)) ++ " " ++ showC (sqrt ((-4) :+ 0)) ++ " " ++ showC (exp (0 :+ pi)))
  where
    dft s v = [sum [x * cis (s * 2 * pi * fromIntegral (j * k) / 8) | (j, x) <- zip [0 ..] v] | k <- [0 .. 7 :: Int]]
    showC (a :+ b) = f a ++ " " ++ f b
    f x = showFFloat (Just 6) (if abs x < 1e-9 then 0 else x) ""
