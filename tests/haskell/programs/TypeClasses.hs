{-# LANGUAGE MultiParamTypeClasses, FunctionalDependencies, FlexibleInstances, UndecidableInstances, GADTs, TypeFamilies, RankNTypes, ScopedTypeVariables #-}
-- Dictionaries at run time: polymorphic recursion, GADTs, fundeps, families, rank-N types.
module Main (main) where

import Data.Kind

data Nest a = Nil | Cons a (Nest (a, a))

depth :: Show a => Nest a -> String
depth Nil = "."
depth (Cons a r) = show a ++ " " ++ depth r

data Term :: Type -> Type where
  I :: Int -> Term Int
  B :: Bool -> Term Bool
  Add :: Term Int -> Term Int -> Term Int
  If :: Term Bool -> Term a -> Term a -> Term a
  Eq :: Term Int -> Term Int -> Term Bool
eval :: Term a -> a
eval (I n) = n
eval (B b) = b
eval (Add a b) = eval a + eval b
eval (If c a b) = if eval c then eval a else eval b
eval (Eq a b) = eval a == eval b

class Container f e | f -> e where empty :: f; insert :: e -> f -> f; toL :: f -> [e]
instance Container [a] a where empty = []; insert = (:); toL = id
class Collect c where type Elem c; collect :: [Elem c] -> c
instance Collect Integer where { type Elem Integer = Int; collect = sum . map toInteger }
newtype Church = Church (forall a. (a -> a) -> a -> a)
toI :: Church -> Int
toI (Church f) = f (+ 1) 0
class Vec a where build :: ([Int] -> [Int]) -> a
instance Vec [Int] where build f = f []
instance (Vec r, i ~ Int) => Vec (i -> r) where build f n = build (f . (n :))

main :: IO ()
main = do
  putStrLn (depth (Cons 1 (Cons (2, 3) (Cons ((4, 5), (6, 7 :: Int)) Nil))))
  print (eval (If (Eq (Add (I 1) (I 2)) (I 3)) (Add (I 10) (I 20)) (I 0)), eval (Eq (I 1) (I 2)), eval (B True))
  print (toL (insert 'a' (insert 'b' (empty :: String))))
  print (collect [1, 2, 3] :: Integer)
  print (toI (Church (\f -> f . f . f)))
  print (build id 1 2 3 :: [Int])
