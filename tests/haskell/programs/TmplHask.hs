{-# LANGUAGE TemplateHaskell #-}
-- Template Haskell: quotes, splices, generated declarations, reify. GHC runs code at compile
-- time and calls the linker hook for it in other ways.
module Main (main) where

import Language.Haskell.TH

data Colour = Red | Green | Blue

$(return [])

names :: [String]
names = $(do
  TyConI (DataD _ _ _ _ cons _) <- reify ''Colour
  listE [litE (stringL (nameBase n)) | NormalC n _ <- cons])

tupleSum :: (Int, Int, Int, Int) -> Int
tupleSum = $(do
  vs <- mapM (\i -> newName ('x' : show i)) [1 .. 4 :: Int]
  lamE [tupP (map varP vs)] (foldr1 (\a b -> [| $a + $b |]) (map varE vs)))

$(mapM (\n -> funD (mkName ("times" ++ show n)) [clause [] (normalB [| (* n) :: Integer -> Integer |]) []]) [2 .. 4 :: Integer])

main :: IO ()
main = do
  print names
  print (tupleSum (1, 2, 3, 4))
  print (times2 10, times3 10, times4 10)
  print $(litE (integerL (product [1 .. 20])))
  putStrLn $(stringE . pprint =<< [| \x -> (x, not x) |])
